import type { PageBlock, Span } from '@quarry/contracts'

/** A stretch of a page's text that is wholly inside or wholly outside of the marked span. */
export interface Piece {
  readonly text: string
  /** UTF-16 offset in the page's text. */
  readonly start: number
  readonly marked: boolean
}

/** What stands between things and is drawn by the layout instead: blank lines, line ends, the bars of a table. */
interface Gap {
  readonly kind: 'gap'
  readonly pieces: readonly Piece[]
}

/** A line of a list or of code, or a cell of a table. */
export interface Part {
  readonly kind: 'part'
  readonly pieces: readonly Piece[]
}
export type Row = { readonly kind: 'row'; readonly cells: readonly (Part | Gap)[] } | Gap

export type LaidBlock =
  | { readonly kind: 'heading'; readonly level: number; readonly pieces: readonly Piece[] }
  | { readonly kind: 'paragraph' | 'furniture'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'list' | 'code'; readonly lines: readonly (Part | Gap)[] }
  | { readonly kind: 'table'; readonly rows: readonly Row[] }
  | Gap

/** Between the cells of a row (contracts, `pageBlock`). */
const BAR = ' | '

type Slicer = (start: number, end: number) => Piece[]

const slicerOf =
  (text: string, span: Span | null): Slicer =>
  (start, end) => {
    const cuts = span === null ? [] : [span.start, span.end].filter((at) => at > start && at < end)
    const edges = [start, ...cuts, end]
    return edges.slice(1).flatMap((to, i) => {
      const from = edges[i] ?? start
      if (from >= to) return []
      const marked = span !== null && from >= span.start && to <= span.end
      return [{ text: text.slice(from, to), start: from, marked }]
    })
  }

/** Where each stretch between separators begins and ends, and each separator. */
function* split(text: string, start: number, end: number, separator: string) {
  let at = start
  while (at <= end) {
    const found = text.indexOf(separator, at)
    const stop = found === -1 || found + separator.length > end ? end : found
    yield { kind: 'part' as const, from: at, to: stop }
    if (stop === end) return
    yield { kind: 'gap' as const, from: stop, to: stop + separator.length }
    at = stop + separator.length
  }
}

const partsOf = (text: string, start: number, end: number, separator: string, slice: Slicer): (Part | Gap)[] =>
  [...split(text, start, end, separator)].map(({ kind, from, to }) => ({ kind, pieces: slice(from, to) }))

const rowsOf = (text: string, start: number, end: number, slice: Slicer): Row[] =>
  [...split(text, start, end, '\n')].map(({ kind, from, to }) =>
    kind === 'gap' || from === to
      ? { kind: 'gap', pieces: slice(from, to) }
      : { kind: 'row', cells: partsOf(text, from, to, BAR, slice) },
  )

const laid = (text: string, block: PageBlock, slice: Slicer): LaidBlock => {
  const { kind, start, end } = block
  switch (kind) {
    case 'table':
      return { kind, rows: rowsOf(text, start, end, slice) }
    case 'list':
    case 'code':
      return { kind, lines: partsOf(text, start, end, '\n', slice) }
    case 'heading':
      return { kind, level: block.level ?? 1, pieces: slice(start, end) }
    case 'paragraph':
    case 'furniture':
      return { kind, pieces: slice(start, end) }
  }
}

/**
 * A page's text as its blocks, with the marked span cut out exactly: all pieces in order are the text, and the marked
 * ones are the span's. Text that no block has is a paragraph; blocks out of order or over each other are cut to fit.
 */
export const layOut = (text: string, blocks: readonly PageBlock[], span: Span | null): LaidBlock[] => {
  const slice = slicerOf(text, span)
  const result: LaidBlock[] = []
  let at = 0
  const between = (end: number) => {
    if (at >= end) return
    const pieces = slice(at, end)
    result.push({ kind: text.slice(at, end).trim() === '' ? 'gap' : 'paragraph', pieces })
    at = end
  }
  for (const block of blocks) {
    const start = Math.max(at, block.start)
    const end = Math.min(text.length, block.end)
    if (start >= end) continue
    between(start)
    result.push(laid(text, { ...block, start, end }, slice))
    at = end
  }
  between(text.length)
  return result
}

/** Every piece of a laid out page, in the order of its text. */
export const piecesOf = (blocks: readonly LaidBlock[]): Piece[] =>
  blocks.flatMap((block) => {
    switch (block.kind) {
      case 'table':
        return block.rows.flatMap((row) => (row.kind === 'gap' ? row.pieces : row.cells.flatMap((cell) => cell.pieces)))
      case 'list':
      case 'code':
        return block.lines.flatMap((line) => line.pieces)
      case 'heading':
      case 'paragraph':
      case 'furniture':
      case 'gap':
        return block.pieces
    }
  })

/** Levels for the document's headings under the page's own, so that none is skipped: a file may begin with its third. */
export const headingLevels = (blocks: readonly LaidBlock[], base: number): ReadonlyMap<LaidBlock, number> => {
  const levels = new Map<LaidBlock, number>()
  let last = base
  for (const block of blocks) {
    if (block.kind !== 'heading') continue
    last = Math.min(6, block.level + base, last + 1)
    levels.set(block, last)
  }
  return levels
}
