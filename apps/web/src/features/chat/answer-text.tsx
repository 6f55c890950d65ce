'use client'

import { type CSSProperties, type ReactNode, useState } from 'react'
import { type Components, defaultRehypePlugins, type ExtraProps, Streamdown } from 'streamdown'
import { CitationChip } from './citation-chip.tsx'
import { CITATION_TAG, rehypeCitations } from './rehype-citations.ts'
import { safeLink } from './safe-link.ts'

/** Everything that an answer may consist of. No images (they could report to anybody), no raw HTML, no forms. */
const ALLOWED = [
  ...['p', 'br', 'hr', 'strong', 'em', 'del', 'a', 'ul', 'ol', 'li', 'blockquote', 'code', 'pre'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'thead', 'tbody', 'tr', 'th', 'td', CITATION_TAG],
]

// Without `rehype-raw`, which would parse HTML: it stays out of the tree.
const REHYPE_PLUGINS = [defaultRehypePlugins['sanitize'], rehypeCitations].filter((plugin) => plugin !== undefined)

interface Shown extends ExtraProps {
  marker?: unknown
  children?: ReactNode
  href?: string | undefined
  start?: number | undefined
  style?: CSSProperties | undefined
}

const Link = ({ href, children }: Shown) => {
  const link = safeLink(href)
  return link === null ? (
    <span>{children}</span>
  ) : (
    <a href={link.href} title={link.destination} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  )
}

/** The element itself, without the classes and tools that Streamdown would give it. */
const plain = (Tag: 'p' | 'ul' | 'ol' | 'li' | 'blockquote' | 'strong' | 'h2' | 'h3' | 'thead' | 'tbody' | 'tr') => {
  const Plain = ({ children }: Shown) => <Tag dir="auto">{children}</Tag>
  return Plain
}

const COMPONENTS: Components = {
  a: Link,
  p: plain('p'),
  ul: plain('ul'),
  ol: ({ start, children }: Shown) => (
    <ol start={start} dir="auto">
      {children}
    </ol>
  ),
  li: plain('li'),
  blockquote: plain('blockquote'),
  strong: plain('strong'),
  // The page has its own h1; an answer's headings come below it.
  h1: plain('h2'),
  h2: plain('h2'),
  h3: plain('h3'),
  h4: plain('h3'),
  h5: plain('h3'),
  h6: plain('h3'),
  hr: () => <hr />,
  code: ({ children }: Shown) => <code dir="ltr">{children}</code>,
  inlineCode: ({ children }: Shown) => <code dir="ltr">{children}</code>,
  pre: ({ children }: Shown) => (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keyboard
    <pre dir="ltr" tabIndex={0}>
      {children}
    </pre>
  ),
  table: ({ children }: Shown) => (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as above
    <div className="table-scroll" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  thead: plain('thead'),
  tbody: plain('tbody'),
  tr: plain('tr'),
  th: ({ children, style }: Shown) => (
    <th style={style} dir="auto">
      {children}
    </th>
  ),
  td: ({ children, style }: Shown) => (
    <td style={style} dir="auto">
      {children}
    </td>
  ),
  [CITATION_TAG]: ({ marker }: Shown) => <CitationChip marker={Number(marker)} />,
}

/**
 * An answer's Markdown, safe to show while it is still being written. What was written before somebody's eyes keeps
 * its mode at the end: the other one builds the text anew, and takes a selection or the focus with it.
 */
export const AnswerText = ({ text, streaming }: { text: string; streaming: boolean }) => {
  const [mode] = useState<'streaming' | 'static'>(streaming ? 'streaming' : 'static')
  return (
    <div className="answer" data-testid="answer">
      <Streamdown
        mode={mode}
        parseIncompleteMarkdown={streaming}
        components={COMPONENTS}
        rehypePlugins={REHYPE_PLUGINS}
        allowedElements={ALLOWED}
        unwrapDisallowed
        controls={false}
        linkSafety={{ enabled: false }}
      >
        {text}
      </Streamdown>
    </div>
  )
}
