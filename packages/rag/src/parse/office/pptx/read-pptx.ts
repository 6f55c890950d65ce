import { ParseFailure, type ReadStep } from '../../parsed-page.ts'
import type { Source } from '../../source.ts'
import type { Piece } from '../../sections.ts'
import { mainPartOf, relationshipsOf } from '../relationships.ts'
import { tidy } from '../tidy.ts'
import { stepsOf, type Unit } from '../unit-steps.ts'
import { readXml, xmlItems } from '../xml-events.ts'
import { withZip, type ZipArchive } from '../zip-archive.ts'
import { slideHandler, type SlideText } from './slide.ts'

/** PowerPoint itself gives up before. */
const MOST_SLIDES = 5_000
const NOTES_TEXT = new Set(['body'])

/**
 * Reads a PowerPoint presentation (.pptx, .pptm; macros are not looked at): each slide is a section "Slide n", counted
 * as PowerPoint counts, hidden slides included. Its title is a heading; texts, tables and diagrams follow in reading
 * order, then the speaker's notes. Charts, pictures and comments are not read.
 * @throws ParseFailure `damaged`, `encrypted`, `empty`, `no_text`, `unpacks_too_large`
 */
export const readPptx = (source: Source): AsyncGenerator<ReadStep> =>
  withZip(source, (zip) =>
    stepsOf(
      unitsOf(zip),
      zip.names.some((name) => name.startsWith('ppt/media/')),
    ),
  )

async function* unitsOf(zip: ZipArchive): AsyncGenerator<Unit> {
  const main = await mainPartOf(zip, 'ppt/presentation.xml')
  const relations = await relationshipsOf(zip, main)
  const slides: string[] = []
  await readXml(zip.stream(main), {
    open(name, _attributes, relation) {
      if (name === 'sldId') slides.push(relations.get(relation ?? '')?.target ?? '')
    },
  })
  for (const [i, part] of slides.slice(0, MOST_SLIDES).entries())
    yield { label: `Slide ${i + 1}`, pieces: piecesOf(zip, part) }
  if (slides.length > MOST_SLIDES) yield { label: `Slide ${MOST_SLIDES + 1}`, pieces: ['truncated'] }
}

async function* piecesOf(zip: ZipArchive, part: string): AsyncGenerator<Piece> {
  if (!zip.has(part)) throw new ParseFailure('damaged')
  const relations = [...(await relationshipsOf(zip, part)).values()]
  for await (const { titles, pieces } of xmlItems<SlideText>(zip.stream(part), (emit) => slideHandler(emit))) {
    for (const text of titles) yield { kind: 'heading', level: 1, text }
    yield* pieces
  }
  for (const { type, target } of relations)
    if (type === 'diagramData') yield* xmlItems<Piece>(zip.stream(target), diagramHandler)
  const notes = relations.find(({ type }) => type === 'notesSlide')?.target
  if (notes === undefined) return
  for await (const { pieces } of xmlItems<SlideText>(zip.stream(notes), (emit) => slideHandler(emit, NOTES_TEXT))) {
    const text = pieces.map((piece) => piece.text).join('\n')
    if (text !== '') yield { kind: 'paragraph', text: `Notes: ${text}` }
  }
}

/** The texts of a SmartArt diagram, an item each. */
function diagramHandler(emit: (piece: Piece) => void) {
  let items: string[] = []
  let text = ''
  let inText = false
  return {
    open(name: string) {
      if (name === 'p') text = ''
      else if (name === 't') inText = true
    },
    text(piece: string) {
      if (inText) text += piece
    },
    close(name: string) {
      if (name === 'dataModel') {
        if (items.length > 0) emit({ kind: 'list', text: items.join('\n') })
        items = []
      } else if (name === 'p' && tidy(text) !== '') items.push(`- ${tidy(text).replaceAll('\n', ' ')}`)
      // `dgm:t` holds paragraphs, whose texts are `a:t`: white space between them is tidied away.
      else if (name === 't') inText = false
    },
  }
}
