import { parseAnswer, type AnswerTree } from './markdown-tree.ts'

type AnyNode = AnswerTree | AnswerTree['children'][number]

/** Where text stands in the source that is text to its reader: no code, no address. Half-open, in order. */
const textRanges = (markdown: string): { start: number; end: number }[] => {
  const ranges: { start: number; end: number }[] = []
  const visit = (node: AnyNode | { type: string; children?: readonly AnyNode[]; position?: AnyNode['position'] }) => {
    const { start, end } = node.position ?? {}
    if (node.type === 'text' && start?.offset !== undefined && end?.offset !== undefined)
      ranges.push({ start: start.offset, end: end.offset })
    else if ('children' in node) for (const child of node.children ?? []) visit(child)
  }
  visit(parseAnswer(markdown))
  return ranges
}

/** The blank before a marker that is left out goes with it. */
const MARKER = /( ?)\[\^(\d{1,4})\]/g

/**
 * The Markdown with `[1]` for each marker `[^1]` that `isKnown`, and without the others; nothing else changes. What
 * would make a link of `[1]` behind it is escaped.
 */
export const withNumbers = (markdown: string, isKnown: (marker: number) => boolean): string => {
  let result = ''
  let at = 0
  for (const { start, end } of textRanges(markdown)) {
    result += markdown.slice(at, start)
    result += markdown
      .slice(start, end)
      .replaceAll(MARKER, (whole: string, blank: string, digits: string, offset: number) => {
        if (!isKnown(Number(digits))) return ''
        const next = markdown[start + offset + whole.length]
        return next === '(' || next === ':' ? `${blank}\\[${digits}\\]` : `${blank}[${digits}]`
      })
    at = end
  }
  return result + markdown.slice(at)
}
