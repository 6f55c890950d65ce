import type { TextEncoding } from '../decode.ts'
import { ParseFailure, type ParsedPage, type ReadStep } from '../parsed-page.ts'
import { sectionCutter, type Piece } from '../sections.ts'
import type { Source } from '../source.ts'
import { rowText } from '../table-text.ts'
import { openText } from '../text/stream-text.ts'
import { dialectOf } from './dialect.ts'
import { recordsOf } from './records.ts'

/** Documented in docs/operations.md. More rows than that are a database; nobody looks for a passage in them. */
export const MOST_ROWS = 250_000
export const MOST_CHARACTERS = 50_000_000
/** A section of rows under their header, a little under what a section holds, so that none is cut. */
const PART_CHARACTERS = 7500

/**
 * Reads a table in text (CSV, TSV, and their relatives) in sections of rows, each under the table's header. Never more
 * than a section is held. @throws ParseFailure `empty`, `not_text`.
 */
export async function* readCsv(source: Source): AsyncGenerator<ReadStep> {
  const { encoding, head } = await openText(source)
  const cutter = sectionCutter()
  const parts = piecesOf(source, encoding, head)
  let held: ParsedPage | null = null
  let isTruncated = false
  for (let isDone = false; !isDone;) {
    const next = await parts.next()
    isDone = next.done === true
    if (next.done === true) isTruncated = next.value
    for (const page of next.done === true ? cutter.end() : cutter.add(next.value)) {
      if (held !== null) yield stepOf(held, encoding.guessed)
      held = page
    }
  }
  if (held === null) throw new ParseFailure('empty')
  yield isTruncated ? { page: held, pageCount: null, warning: 'truncated' } : stepOf(held, encoding.guessed)
}

const stepOf = (page: ParsedPage, guessed: boolean): ReadStep => ({
  page,
  pageCount: null,
  ...(guessed && page.ordinal === 1 ? { warning: 'encoding_guessed' } : {}),
})

/** @returns whether the file goes on. */
async function* piecesOf(source: Source, encoding: TextEncoding, head: string): AsyncGenerator<Piece, boolean> {
  const dialect = dialectOf(head)
  let { preamble } = dialect
  let header: string | null = null
  let lines: string[] = []
  let length = 0
  let rows = 0
  let characters = 0
  const table = (top: string): Piece => ({ kind: 'table', text: [top, ...lines].join('\n') })
  for await (const record of recordsOf(source, encoding, dialect.delimiter)) {
    const line = rowText(record)
    if (line === '' || (header === null && SEPARATOR_HINT.test(line))) continue
    if (preamble-- > 0) {
      yield { kind: 'paragraph', text: line }
      continue
    }
    if (header === null) {
      header = dialect.hasHeader ? line : rowText(record.map((_, i) => `Column ${i + 1}`))
      if (dialect.hasHeader) continue
    }
    if (rows === MOST_ROWS || characters > MOST_CHARACTERS) {
      yield table(header)
      return true
    }
    if (lines.length > 0 && header.length + length + line.length + 2 > PART_CHARACTERS) {
      yield table(header)
      // A header of thousands of columns would be most of the text.
      header = header.slice(0, LONGEST_HEADER)
      lines = []
      length = 0
    }
    lines.push(line)
    length += line.length + 1
    characters += line.length
    rows++
  }
  if (header !== null) yield table(header)
  return false
}

/** Excel's own line about the delimiter. */
const SEPARATOR_HINT = /^sep=.?$/u
const LONGEST_HEADER = 2000
