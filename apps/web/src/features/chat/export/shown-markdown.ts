import { safeLink } from '../safe-link.ts'
import { escaped } from './escaped.ts'
import { parseAnswer, type AnswerTree } from './markdown-tree.ts'

interface MarkdownNode {
  readonly type: string
  readonly url?: string | undefined
  readonly alt?: string | null | undefined
  readonly identifier?: string | undefined
  readonly children?: readonly MarkdownNode[] | undefined
  readonly position?: AnswerTree['position'] | undefined
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What is left out can bring what was around it together, as in `!<b>[a](b)`; more rounds than any honest answer needs. */
const MOST_ROUNDS = 5

/**
 * The Markdown of an answer as far as the screen shows it: pictures are their descriptions (they could report to
 * anybody), raw HTML is left out, and links that lead to no page are their texts. All else stays as it was written.
 */
export const shownMarkdown = (markdown: string): string => {
  let result = markdown
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const edits = editsOf(result)
    if (edits.length === 0) return result
    result = edited(result, edits)
  }
  return editsOf(result).length === 0 ? result : escaped(result)
}

const edited = (markdown: string, edits: readonly Edit[]): string => {
  let result = ''
  let at = 0
  for (const { start, end, text } of edits) {
    result += markdown.slice(at, start) + text
    at = end
  }
  return result + markdown.slice(at)
}

const editsOf = (markdown: string): Edit[] => {
  const tree: MarkdownNode = parseAnswer(markdown)
  const safe = new Set<string>()
  const collect = (node: MarkdownNode): void => {
    if (node.type === 'definition' && safeLink(node.url) !== null) safe.add(node.identifier ?? '')
    for (const child of node.children ?? []) collect(child)
  }
  collect(tree)
  const edits: Edit[] = []
  const visit = (node: MarkdownNode): void => {
    const range = rangeOf(node)
    const text = range && shownInstead(node, markdown, safe)
    if (range && text !== null && text !== undefined) edits.push({ ...range, text })
    else for (const child of node.children ?? []) visit(child)
  }
  visit(tree)
  return edits
}

/** What stands for a node that is not shown as it is; null: it stays. */
const shownInstead = (node: MarkdownNode, markdown: string, safe: ReadonlySet<string>): string | null => {
  switch (node.type) {
    case 'html':
      return ''
    case 'image':
    case 'imageReference':
      return escaped((node.alt ?? '').replaceAll(/\s+/g, ' '))
    case 'definition':
      return safe.has(node.identifier ?? '') ? null : ''
    case 'link':
      return safeLink(node.url) === null ? textInside(node, markdown) : null
    case 'linkReference':
      return safe.has(node.identifier ?? '') ? null : textInside(node, markdown)
    default:
      return null
  }
}

const textInside = ({ children = [] }: MarkdownNode, markdown: string): string => {
  const [first, last] = [children[0], children.at(-1)].map((child) => child && rangeOf(child))
  return first && last ? markdown.slice(first.start, last.end) : ''
}

const rangeOf = ({ position }: MarkdownNode): { start: number; end: number } | null => {
  const [start, end] = [position?.start.offset, position?.end.offset]
  return start === undefined || end === undefined ? null : { start, end }
}
