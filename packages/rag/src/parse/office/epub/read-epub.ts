import { piecesOfHtml } from '../../html/html-pieces.ts'
import { ParseFailure, type ReadStep } from '../../parsed-page.ts'
import type { Source } from '../../source.ts'
import type { Piece } from '../../sections.ts'
import { stepsOf, type Unit } from '../unit-steps.ts'
import { xmlText } from '../xml-events.ts'
import { withZip, type ZipArchive } from '../zip-archive.ts'
import { chaptersOf, type Chapter } from './package-document.ts'

/** A book of 3,000 pages in one file has 10 MB. */
const MOST_CHAPTER_BYTES = 16 * 1024 * 1024
const LONGEST_LABEL = 200
/** A title stands at the start of a chapter or not at all. */
const TITLE_WITHIN = 3

/**
 * Reads an EPUB in the order of its spine: each text is sections with the title that the table of contents gives it.
 * Pictures and addresses in it are never opened.
 * @throws ParseFailure `damaged`, `encrypted` (DRM), `empty`, `no_text`, `unpacks_too_large`
 */
export const readEpub = (source: Source): AsyncGenerator<ReadStep> =>
  withZip(source, (zip) =>
    stepsOf(
      unitsOf(zip),
      zip.names.some((name) => /\.(?:png|jpe?g|gif|svg|webp)$/iu.test(name)),
    ),
  )

async function* unitsOf(zip: ZipArchive): AsyncGenerator<Unit> {
  for (const chapter of await chaptersOf(zip)) {
    const pieces = await piecesOf(zip, chapter)
    const first = Array.isArray(pieces)
      ? pieces.slice(0, TITLE_WITHIN).find(({ kind }) => kind === 'heading')
      : undefined
    const label = (chapter.title ?? first?.text)?.slice(0, LONGEST_LABEL).toWellFormed()
    yield label === undefined ? { pieces } : { label, pieces }
  }
}

async function piecesOf(zip: ZipArchive, { part, title }: Chapter): Promise<Piece[] | Iterable<Piece>> {
  try {
    const html = xmlText(await zip.read(part, MOST_CHAPTER_BYTES))
    const pieces = [...piecesOfHtml(html, { xhtml: true })]
    const hasTitle = pieces.slice(0, TITLE_WITHIN).some(({ kind }) => kind === 'heading')
    return title === undefined || hasTitle || pieces.length === 0
      ? pieces
      : [{ kind: 'heading', level: 1, text: title }, ...pieces]
  } catch (error) {
    if (!(error instanceof ParseFailure) || error.code !== 'damaged') throw error
    return failing(error)
  }
}

// oxlint-disable-next-line require-yield -- a chapter of which nothing can be read
function* failing(error: ParseFailure): Generator<Piece> {
  throw error
}
