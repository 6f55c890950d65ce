import { isUnspaced } from './characters.ts'
import { decodeText } from './decode.ts'
import type { ReadStep } from './parsed-page.ts'
import type { Piece } from './sections.ts'
import { bytesOf, type Source } from './source.ts'
import { stepsOfText } from './text/text-steps.ts'

/** Reads plain text in sections. @throws ParseFailure `empty`, `not_text`. */
export async function* readText(source: Source): AsyncGenerator<ReadStep> {
  const { text, guessed } = decodeText(await bytesOf(source))
  yield* stepsOfText(piecesOf(text), guessed)
}

const LIST_MARK = /^\s*(?:[-*+•]|\(?\d{1,3}[.)]|[a-z][.)])\s/u
/** Underlined titles, as in reStructuredText and setext Markdown; the marks in their usual order of rank. */
const UNDERLINE = /^([=*\-~^"'#+])\1{2,}\s*$/u
const RANKS = '#*=-~^"\'+'
/** A line of text that was wrapped by hand is at least this long. */
const WRAPPED_LINE = 45
/** What has more lines without a blank one is a log or data, not a paragraph: cut, so that no file sets how much is held. */
const PARAGRAPH_LINES = 500

/** Paragraphs are parted by blank lines. Scans instead of splitting: a file may have a hundred million characters. */
export function* piecesOf(text: string): Generator<Piece> {
  let paragraph: string[] = []
  for (let at = 0; at <= text.length;) {
    const end = text.indexOf('\n', at)
    const line = text
      .slice(at, end === -1 ? text.length : end)
      .replace(/[\f\v\t]/gu, (mark) => (mark === '\t' ? '    ' : ''))
    at = end === -1 ? text.length + 1 : end + 1
    const isBlank = line.trim() === ''
    if (!isBlank) paragraph.push(line.trimEnd())
    if (isBlank || paragraph.length === PARAGRAPH_LINES) {
      yield* piecesOfParagraph(paragraph)
      paragraph = []
    }
  }
  yield* piecesOfParagraph(paragraph)
}

function* piecesOfParagraph(lines: string[]): Generator<Piece> {
  if (lines.length === 0) return
  const isOverlined = /^[=*\-~^#]{3,}$/u.test(lines[0] ?? '')
  const [title = '', underline = '', ...rest] = isOverlined ? lines.slice(1) : lines
  const mark = UNDERLINE.exec(underline)?.[1]
  if (mark !== undefined && Math.abs(underline.trim().length - title.trim().length) <= 3) {
    const numbered = /^\s*(\d{1,3}(?:\.\d{1,3})*)\.?\s/u.exec(title)?.[1]
    yield {
      kind: 'heading',
      level: numbered === undefined ? Math.min(6, RANKS.indexOf(mark) + 1) : Math.min(6, numbered.split('.').length),
      text: title.trim(),
    }
    yield* piecesOfParagraph(rest)
    return
  }
  if (isProse(lines)) {
    const kind = LIST_MARK.test(lines[0] ?? '') ? 'list' : 'paragraph'
    yield { kind, text: lines.map((line) => line.trim().replace(/ {2,}/gu, ' ')).reduce(joined) }
    return
  }
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length))
  yield {
    kind: lines.some((line) => /\S {2,}\S/u.test(line)) ? 'table' : 'paragraph',
    text: lines.map((line) => line.slice(margin)).join('\n'),
  }
}

/** Prose that was wrapped by hand: full lines, one margin, single spaces. Anything else keeps its lines. */
function isProse(lines: readonly string[]): boolean {
  if (lines.length === 1) return true
  const rest = lines.slice(1)
  const margin = (line: string) => line.length - line.trimStart().length
  return (
    lines.slice(0, -1).every((line) => line.trim().length >= WRAPPED_LINE) &&
    rest.every((line) => margin(line) === margin(rest[0] ?? '') && !LIST_MARK.test(line)) &&
    lines.every((line) => !/\S {3,}\S|\t/u.test(line) && !/[|+]\s*$/u.test(line))
  )
}

const joined = (text: string, line: string) =>
  isUnspaced(text.at(-1) ?? '') && isUnspaced(line.charAt(0)) ? text + line : `${text} ${line}`
