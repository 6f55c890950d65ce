import { splitMarkers } from './citation-markers.ts'

/** As much of a hast tree (github.com/syntax-tree/hast) as this plugin touches. */
interface HastNode {
  type: string
  tagName?: string
  value?: string
  properties?: Record<string, unknown>
  children?: HastNode[]
}

/** The element that stands for a citation marker; `marker` is its number. */
export const CITATION_TAG = 'cite-ref'

/** Code is shown as it was written. */
const LITERAL = new Set(['code', 'pre'])

const expand = (node: HastNode): HastNode[] => {
  if (node.type === 'text') {
    return splitMarkers(node.value ?? '').map((part) =>
      part.kind === 'text'
        ? { type: 'text', value: part.text }
        : { type: 'element', tagName: CITATION_TAG, properties: { marker: String(part.marker) }, children: [] },
    )
  }
  if (node.children !== undefined && !LITERAL.has(node.tagName ?? '')) node.children = node.children.flatMap(expand)
  return [node]
}

/** Turns `[^n]` in the text of an answer into elements. It runs after the sanitizer, which knows no such element. */
export const rehypeCitations = () => (tree: HastNode) => {
  expand(tree)
}
