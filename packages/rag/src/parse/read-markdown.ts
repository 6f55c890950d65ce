import remarkGfm from 'remark-gfm'
import remarkParse from 'remark-parse'
import { unified } from 'unified'
import { decodeText } from './decode.ts'
import type { ReadStep } from './parsed-page.ts'
import type { Piece } from './sections.ts'
import { bytesOf, type Source } from './source.ts'
import { rowText } from './table-text.ts'
import { stepsOfText } from './text/text-steps.ts'

/**
 * Reads Markdown (CommonMark with GitHub's tables and lists) in sections, as the plain text that a reader sees: a quote
 * then reads like the rendered page, without `**` and link targets. Code keeps its lines, a table row is one line.
 * @throws ParseFailure `empty`, `not_text`.
 */
export async function* readMarkdown(source: Source): AsyncGenerator<ReadStep> {
  const { text, guessed } = decodeText(await bytesOf(source))
  yield* stepsOfText(piecesOf(text), guessed)
}

/** What is read of mdast's nodes (github.com/syntax-tree/mdast). */
interface Node {
  readonly type: string
  readonly value?: string | undefined
  readonly alt?: string | null | undefined
  readonly depth?: number | undefined
  readonly ordered?: boolean | null | undefined
  readonly start?: number | null | undefined
  readonly checked?: boolean | null | undefined
  readonly children?: readonly Node[] | undefined
}

/**
 * Quotes and lists that open on one line, deeper than anybody nests them: the parser keeps a stack for each, and 5,000 on a
 * line take a gigabyte. What is deeper counts as this deep.
 */
const DEEPEST_CONTAINERS = 40
const CONTAINER = '[ \\t]*(?:>|[-*+][ \\t]|\\d{1,9}[.)][ \\t]|\\[\\^[^\\]\\s]{1,80}\\]:)'
const TOO_DEEP = new RegExp(`^((?:${CONTAINER}){${DEEPEST_CONTAINERS}})(?:${CONTAINER})+`, 'gmu')

const parser = unified().use(remarkParse).use(remarkGfm)
const FRONT_MATTER = /^---\n([\s\S]*?)\n---\n/u

function* piecesOf(source: string): Generator<Piece> {
  const front = FRONT_MATTER.exec(source)
  if (front?.[1] !== undefined && front[1].trim() !== '') yield { kind: 'code', text: front[1] }
  const body = (front === null ? source : source.slice(front[0].length)).replace(TOO_DEEP, '$1')
  for (const part of partsOf(body)) {
    const root: Node = parser.parse(part)
    for (const node of root.children ?? []) {
      const piece = pieceOf(node)
      if (piece !== null && piece.text.trim() !== '') yield piece
    }
  }
}

/** The parser takes a few hundred times the text in memory, and leaves it to be collected: parts five times as long go past 512 MB. */
const PART_CHARACTERS = 100_000
const FENCE = /^ {0,3}(`{3,}|~{3,})/u

/**
 * A long text in parts that mean the same by themselves: each but the first begins behind a blank line, with text at the
 * margin and outside of code. A link whose address stands in another part shows its brackets. What has no such place is cut
 * at a line end.
 */
function* partsOf(body: string): Generator<string> {
  let start = 0
  let fence: string | null = null
  let isAfterBlank = false
  for (let at = 0; body.length - start > PART_CHARACTERS && at < body.length;) {
    const next = body.indexOf('\n', at) + 1 || body.length
    const line = body.slice(at, Math.min(next, at + LINE_START))
    const long = at - start
    if ((long > PART_CHARACTERS && fence === null && isAfterBlank && /^\S/u.test(line)) || long > 2 * PART_CHARACTERS) {
      yield body.slice(start, at)
      start = at
    }
    const mark = FENCE.exec(line)?.[1]
    if (mark !== undefined && fence === null) fence = mark
    else if (mark !== undefined && fence !== null && mark.startsWith(fence)) fence = null
    isAfterBlank = line.trim() === ''
    at = next
  }
  yield body.slice(start)
}
/** As much of a line as tells what it is. */
const LINE_START = 100

function pieceOf(node: Node): Piece | null {
  switch (node.type) {
    case 'heading':
      return { kind: 'heading', level: node.depth ?? 1, text: inline(node).replaceAll('\n', ' ') }
    case 'code':
      return { kind: 'code', text: node.value ?? '' }
    case 'table':
      return {
        kind: 'table',
        text: (node.children ?? []).map((row) => rowText((row.children ?? []).map((cell) => inline(cell)))).join('\n'),
      }
    case 'list':
      return { kind: 'list', text: block(node) }
    case 'thematicBreak':
    case 'definition':
      return null
    default:
      return { kind: 'paragraph', text: block(node) }
  }
}

function block(node: Node): string {
  const children = node.children ?? []
  switch (node.type) {
    case 'paragraph':
    case 'heading':
      return inline(node)
    case 'list':
      return children
        .map((item, i) => indented(`${node.ordered === true ? `${(node.start ?? 1) + i}.` : '-'} `, item))
        .join('\n')
    case 'table':
      return pieceOf(node)?.text ?? ''
    case 'html':
      return withoutTags(node.value ?? '')
    case 'code':
      return node.value ?? ''
    default:
      return children
        .map(block)
        .filter((text) => text !== '')
        .join('\n')
  }
}

function indented(mark: string, item: Node): string {
  const box = item.checked === true ? '[x] ' : item.checked === false ? '[ ] ' : ''
  const text = (item.children ?? [])
    .map(block)
    .filter((part) => part !== '')
    .join('\n')
  return mark + box + text.replaceAll('\n', `\n${' '.repeat(mark.length)}`)
}

function inline(node: Node): string {
  switch (node.type) {
    case 'text':
      // A line break in the source is none on the page.
      return (node.value ?? '').replace(/\n\s*/gu, ' ')
    case 'inlineCode':
      return node.value ?? ''
    case 'break':
      return '\n'
    case 'image':
    case 'imageReference':
      return node.alt ?? ''
    case 'html':
      return withoutTags(node.value ?? '')
    default:
      return (node.children ?? []).map(inline).join('')
  }
}

const withoutTags = (html: string) => html.replace(/<!--[\s\S]*?(?:-->|$)|<[^<>]*>/gu, '').trim()
