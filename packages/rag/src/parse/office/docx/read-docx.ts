import { ParseFailure, type ReadStep } from '../../parsed-page.ts'
import type { Source } from '../../source.ts'
import type { Piece } from '../../sections.ts'
import { mainPartOf, relationshipsOf } from '../relationships.ts'
import { tidy } from '../tidy.ts'
import { stepsOf } from '../unit-steps.ts'
import { readXml, xmlItems } from '../xml-events.ts'
import { withZip, type ZipArchive } from '../zip-archive.ts'
import { bodyHandler } from './body.ts'
import { numberingOf } from './numbering.ts'
import { stylesOf } from './styles.ts'

/**
 * Reads a Word document (.docx, .docm; macros are not looked at) in sections, as its text stands: titles, paragraphs,
 * lists with their numbers, tables, footnotes after the paragraph that refers to them. Left out are headers and footers,
 * comments, tracked deletions, hidden text and tables of contents. Pictures, linked or embedded, are never opened.
 *
 * Its own reader of the XML as a stream: mammoth 1.13 builds the whole tree, and took 409 MB for a document of 480 kB.
 * @throws ParseFailure `damaged`, `encrypted`, `empty`, `unpacks_too_large`
 */
export const readDocx = (source: Source): AsyncGenerator<ReadStep> =>
  withZip(source, (zip) =>
    stepsOf(
      [{ pieces: piecesOf(zip) }],
      zip.names.some((name) => name.startsWith('word/media/')),
    ),
  )

async function* piecesOf(zip: ZipArchive): AsyncGenerator<Piece> {
  const main = await mainPartOf(zip, 'word/document.xml')
  const relations = [...(await relationshipsOf(zip, main)).values()]
  const partOf = (type: string) => relations.find((relation) => relation.type === type)?.target ?? ''
  const [footnotes, endnotes] = [await notesOf(zip, partOf('footnotes')), await notesOf(zip, partOf('endnotes'))]
  const parts = {
    style: await stylesOf(zip, partOf('styles')),
    numbering: await numberingOf(zip, partOf('numbering')),
    note: (kind: 'footnote' | 'endnote', id: string) => (kind === 'footnote' ? footnotes : endnotes).get(id),
  }
  yield* xmlItems(zip.stream(main), (emit) => bodyHandler(parts, emit))
}

/** More text than the notes of a thousand pages have; they are held until the text refers to them. */
const MOST_NOTE_CHARACTERS = 8_000_000

/** The texts of footnotes or endnotes by id. Notes that cannot be read are missing; the text is worth having. */
async function notesOf(zip: ZipArchive, part: string): Promise<Map<string, string>> {
  const notes = new Map<string, string>()
  if (!zip.has(part)) return notes
  let id: string | null = null
  let pieces: string[] = []
  let left = MOST_NOTE_CHARACTERS
  const body = bodyHandler({ style: () => PLAIN, numbering: { mark: () => '' }, note: () => undefined }, ({ text }) => {
    if ((left -= text.length) >= 0) pieces.push(text)
  })
  try {
    await readXml(zip.stream(part), {
      open(name, attributes, relation) {
        const isNote = name === 'footnote' || name === 'endnote'
        // Separators are notes with a type.
        if (isNote)
          id = attributes['type'] === undefined || attributes['type'] === 'normal' ? (attributes['id'] ?? '') : null
        else body.open(name, attributes, relation)
      },
      text: (text) => body.text?.(text),
      close(name) {
        if (name !== 'footnote' && name !== 'endnote') return body.close?.(name)
        const text = tidy(pieces.join(' '))
        if (id !== null && text !== '') notes.set(id, text)
        pieces = []
      },
    })
  } catch (error) {
    if (!(error instanceof ParseFailure) || error.code !== 'damaged') throw error
  }
  return notes
}

const PLAIN = { level: null, numId: null, listLevel: 0, isContents: false }
