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
  const root: Node = parser.parse(body)
  for (const node of root.children ?? []) {
    const piece = pieceOf(node)
    if (piece !== null && piece.text.trim() !== '') yield piece
  }
}

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
