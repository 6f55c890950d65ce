'use client'

import type { DocumentPage, Span } from '@quarry/contracts'
import { useLayoutEffect, useMemo, useRef } from 'react'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { headingLevels, layOut, type LaidBlock, type Part, type Piece, type Row } from './page-layout.ts'

/** Text with its marked stretches. A mark says where in the page's text it stands. */
const Pieces = ({ pieces }: { pieces: readonly Piece[] }) =>
  pieces.map(({ text, start, marked }) =>
    marked ? (
      <mark
        key={start}
        data-testid="highlight"
        data-start={start}
        data-end={start + text.length}
        className="rounded-[3px] bg-mark text-black [box-decoration-break:clone]"
      >
        {text}
      </mark>
    ) : (
      text
    ),
  )

const isDrawn = <T extends { kind: string }>(part: T): part is Exclude<T, { kind: 'gap' }> => part.kind !== 'gap'

const keyOf = ({ pieces }: Part): number => pieces[0]?.start ?? -1

/** The largest heading of a document is smaller than that of the page around it. */
const HEADING_SIZES = ['text-[1.3em]', 'text-[1.15em]', 'text-[1.05em]']

interface HeadingProps {
  level: number
  size: number
  children: React.ReactNode
}

const Heading = ({ level, size, children }: HeadingProps) => (
  <div
    role="heading"
    aria-level={level}
    className={classNames(
      'mt-[1.1em] font-semibold whitespace-pre-wrap first:mt-0',
      HEADING_SIZES[size - 1] ?? 'text-[1em]',
    )}
  >
    {children}
  </div>
)

const List = ({ lines }: { lines: readonly Part[] }) => (
  // Safari takes the role from a list without bullets; those of the text are drawn.
  // eslint-disable-next-line jsx-a11y/no-redundant-roles
  <ul role="list" className="mt-[0.7em] first:mt-0">
    {lines.map((line) => (
      <li key={keyOf(line)} className="ps-[1.4em] -indent-[1.4em] whitespace-pre-wrap">
        <Pieces pieces={line.pieces} />
      </li>
    ))}
  </ul>
)

const Code = ({ lines }: { lines: readonly (Part | { kind: 'gap' })[] }) => (
  <pre
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keyboard
    tabIndex={0}
    role="region"
    aria-label={t('viewer.code')}
    dir="ltr"
    className="mt-[0.7em] overflow-x-auto scrollbar-quiet rounded-lg border border-line bg-sunken px-3 py-2.5 font-mono text-[0.87em] leading-normal [overflow-wrap:normal] whitespace-pre first:mt-0"
  >
    {lines.filter(isDrawn).map((line, index) => (
      // eslint-disable-next-line react/no-array-index-key -- an empty line has no place of its own
      <div key={index} className="min-h-[1.5em]">
        <Pieces pieces={line.pieces} />
      </div>
    ))}
  </pre>
)

const Table = ({ rows }: { rows: readonly Row[] }) => {
  const [header, ...body] = rows.filter(isDrawn)
  if (header === undefined) return null
  const cells = (row: typeof header) => row.cells.filter(isDrawn)
  const cell = 'border-b border-line px-2.5 py-1.5 text-start align-top first:ps-0'
  return (
    <div
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keyboard
      tabIndex={0}
      role="region"
      aria-label={t('viewer.table')}
      className="mt-[0.9em] overflow-x-auto scrollbar-quiet first:mt-0"
    >
      <table className="w-max min-w-full border-collapse text-[0.92em] [overflow-wrap:normal]">
        <thead>
          <tr>
            {cells(header).map((part, column) => (
              // eslint-disable-next-line react/no-array-index-key -- a column is its place
              <th key={column} scope="col" className={classNames(cell, 'max-w-96 font-semibold text-ink-2')}>
                <Pieces pieces={part.pieces} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, line) => (
            // eslint-disable-next-line react/no-array-index-key -- a row is its place
            <tr key={line}>
              {cells(row).map((part, column) => (
                // eslint-disable-next-line react/no-array-index-key -- a column is its place
                <td key={column} className={classNames(cell, 'max-w-96 min-w-12')}>
                  <Pieces pieces={part.pieces} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Block = ({ block, level }: { block: LaidBlock; level: number | undefined }) => {
  switch (block.kind) {
    case 'gap':
      return null
    case 'heading':
      return (
        <Heading level={level ?? 6} size={block.level}>
          <Pieces pieces={block.pieces} />
        </Heading>
      )
    case 'list':
      return <List lines={block.lines.filter(isDrawn)} />
    case 'code':
      return <Code lines={block.lines} />
    case 'table':
      return <Table rows={block.rows} />
    case 'paragraph':
    case 'furniture':
      return (
        <p
          className={classNames(
            'mt-[0.7em] whitespace-pre-wrap first:mt-0',
            block.kind === 'furniture' && 'text-[0.85em] text-ink-3',
          )}
        >
          <Pieces pieces={block.pieces} />
        </p>
      )
  }
}

interface TextPageProps {
  page: DocumentPage
  zoom: number
  span: Span | null
  /** The level of the heading above. */
  level: number
}

/** The text of a section as its headings, paragraphs, lists, tables and code, with the marked words. */
export const TextPage = ({ page, zoom, span, level }: TextPageProps) => {
  const box = useRef<HTMLDivElement>(null)
  const { text, blocks, label } = page
  const laid = useMemo(() => layOut(text, blocks, span), [text, blocks, span])
  const base = label === null ? level : level + 1
  const levels = useMemo(() => headingLevels(laid, base), [laid, base])
  useLayoutEffect(() => {
    box.current?.querySelector('mark')?.scrollIntoView({ block: 'center' })
  }, [laid])
  return (
    <div
      ref={box}
      dir="auto"
      className="mx-auto max-w-3xl rounded-lg border border-line bg-surface px-5 py-6 leading-relaxed [overflow-wrap:anywhere]"
      style={{ fontSize: `${0.9375 * zoom}rem` }}
    >
      {label !== null && (
        <div
          role="heading"
          aria-level={base}
          data-testid="section-label"
          className="mb-3 border-b border-line pb-2 text-[0.85em] font-medium text-ink-3"
        >
          <bdi>{label}</bdi>
        </div>
      )}
      <div>
        {laid.map((block, index) => (
          // eslint-disable-next-line react/no-array-index-key -- a block is its place on the page
          <Block key={index} block={block} level={levels.get(block)} />
        ))}
      </div>
    </div>
  )
}
