import type { Message } from '@quarry/contracts'
import { toHtml } from 'hast-util-to-html'
import { toHast } from 'mdast-util-to-hast'
import { t } from '../../../i18n/translate.ts'
import { CITATION_TAG, rehypeCitations } from '../rehype-citations.ts'
import { safeLink } from '../safe-link.ts'
import { parseAnswer } from './markdown-tree.ts'
import { referencesOf, type Reference } from './reference.ts'

type Tree = ReturnType<typeof toHast>
type Content = Extract<Tree, { type: 'root' }>['children'][number]
type Element = Extract<Content, { type: 'element' }>

const text = (value: string): Content => ({ type: 'text', value })
const element = (tagName: string, children: Content[], properties: Element['properties'] = {}): Element => ({
  type: 'element',
  tagName,
  properties,
  children: children.filter((child): child is Element['children'][number] => child.type !== 'doctype'),
})

/**
 * An answer for a place that takes formatted text, such as a word processor: numbers that lead to the sources, then
 * the list of these. Raw HTML and pictures of the answer are left out, as they are on the screen.
 */
export const answerAsHtml = (
  { text: markdown, citations }: Pick<Message, 'text' | 'citations'>,
  origin: string,
): string => {
  const references = referencesOf(citations, origin)
  const byMarker = new Map(references.map((reference) => [reference.marker, reference]))
  const tree = toHast(parseAnswer(markdown))
  rehypeCitations()(tree)
  const body = 'children' in tree ? tree.children.flatMap((node) => shown(node, byMarker)) : []
  const list =
    references.length === 0 ? [] : [element('p', [text(t('export.sources'))]), ...references.map(referenceLine)]
  return toHtml([...body, ...list])
}

const shown = (node: Content, references: ReadonlyMap<number, Reference>): Content[] => {
  if (node.type === 'text') return [node]
  if (node.type !== 'element') return []
  const { tagName, properties } = node
  const children = node.children.flatMap((child) => shown(child, references))
  if (tagName === CITATION_TAG) {
    const reference = references.get(Number(properties['marker']))
    return reference === undefined ? [] : [link(reference, `[${reference.marker}]`)]
  }
  if (tagName === 'img') return [text(properties['alt'] ?? '')]
  if (tagName === 'a') {
    const safe = safeLink(properties['href'])
    return safe === null ? children : [element('a', children, { href: safe.href })]
  }
  // What lists and tables need; nothing else that an element could carry.
  const { start, align, type, checked, disabled } = properties
  const kept = { start, align, ...(tagName === 'input' ? { type, checked, disabled } : {}) }
  return [element(tagName, children, Object.fromEntries(Object.entries(kept).filter(([, value]) => value != null)))]
}

const link = ({ url }: Reference, label: string): Element => element('a', [text(label)], { href: url })

const referenceLine = (reference: Reference): Element => {
  const { marker, title, place, quote, verification } = reference
  return element('p', [
    text(`[${marker}] `),
    link(reference, title),
    text(`${place === '' ? '' : `, ${place}`} (${verification})`),
    element('br', []),
    text(`“${quote}”`),
  ])
}
