import { decodeText } from '../decode.ts'
import { declaredEncoding } from '../html/read-html.ts'
import type { ReadStep } from '../parsed-page.ts'
import type { Piece } from '../sections.ts'
import { bytesOf, type Source } from '../source.ts'
import { stepsOfText } from '../text/text-steps.ts'
import { Enclosing, type Symbol } from './symbols.ts'

/** A definition longer than this ends at its next blank line, too: about two screens. */
const LONG_PIECE = 60
/** Licences and imports before the first definition are no part of it when they are longer than this. */
const LONG_PREFACE = 8
/** And here in any case: data has no blank lines. */
const LONGEST_PIECE = 200

/**
 * Reads source code and other text for machines in sections, with its lines as they are: a block per definition or per
 * paragraph, with the names of what encloses it. @throws ParseFailure `empty`, `not_text`.
 */
export async function* readCode(source: Source): AsyncGenerator<ReadStep> {
  const bytes = await bytesOf(source)
  const { text, guessed } = decodeText(bytes, declaredEncoding(bytes))
  yield* stepsOfText(piecesOfCode(text), guessed)
}

/** Cuts only where a blank line stands (or in endless data), so that nothing but the number of blank lines changes. */
export function* piecesOfCode(text: string): Generator<Piece> {
  const enclosing = new Enclosing()
  let lines: string[] = []
  let under: string[] = []
  let symbol: Symbol | null = null
  let isAfterBlank = true
  for (let at = 0; at <= text.length;) {
    const end = text.indexOf('\n', at)
    const line = tidy(text.slice(at, end === -1 ? text.length : end))
    at = end === -1 ? text.length + 1 : end + 1
    if (line === '') {
      isAfterBlank = true
      continue
    }
    const found = enclosing.enter(line)
    const path = enclosing.path()
    const startsNext = found !== null || isRemark(line, symbol?.indent ?? 0)
    const isNext =
      symbol === null
        ? startsNext && lines.length >= LONG_PREFACE
        : startsNext || !under.every((name, i) => path[i] === name)
    if (lines.length >= LONGEST_PIECE || (isAfterBlank && (isNext || lines.length >= LONG_PIECE))) {
      yield pieceOf(lines, under)
      lines = []
      symbol = null
    } else if (isAfterBlank && lines.length > 0) lines.push('')
    isAfterBlank = false
    // A remark or decorator over a definition takes its name.
    if (lines.length === 0 || (found !== null && symbol === null)) under = path
    symbol ??= found
    lines.push(line)
  }
  if (lines.length > 0) yield pieceOf(lines, under)
}

const pieceOf = (lines: readonly string[], under: readonly string[]): Piece => ({
  kind: 'code',
  text: lines.join('\n'),
  ...(under.length > 0 ? { under } : {}),
})

/** A comment or decorator at the margin of a definition that is complete: it speaks of the next one. */
const isRemark = (line: string, margin: number) =>
  line.length - line.trimStart().length <= margin &&
  /^\s*(?:\/\/|\/\*|#(?!include|define|if|el|end)|--|"""|@|\[|;)/u.test(line)

/** Tabs as four columns; no form feeds nor other controls. */
const tidy = (line: string) =>
  line
    .replaceAll('\t', '    ')
    .replace(/\p{Cc}/gu, '')
    .trimEnd()
