import { isUnspaced } from '../characters.ts'
import type { BlockKind } from '../parsed-page.ts'
import type { Region } from './columns.ts'
import { lineOf, type Line } from './lines.ts'

/** Lines that belong together; in prose they run on from one to the next. */
export interface Paragraph {
  readonly kind: BlockKind
  readonly level?: number
  readonly lines: readonly Line[]
}

/** What is known of the document while one page is read. */
export interface PageSetting {
  /** The size of most of the document's text so far, in points. */
  readonly bodySize: number
  readonly height: number
  /** Lines that also stood at the edge of the page before, numbers apart. */
  readonly isRunning: (text: string) => boolean
}

/** Headers and footers stand in the outer tenth of the page, apart from the text. */
const EDGE = 0.1
/** Lines whose distance is more than this times the usual one belong to two paragraphs. */
const PARAGRAPH_GAP = 1.35
const LIST_MARK = /^(?:[•‣◦▪●○■□➢✓]|(?:[–—*-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]|\[\d{1,3}\])\s)/u
/** Bold text longer than this is emphasis, not a heading. */
const HEADING_CHARACTERS = 160

export function paragraphsOf(regions: readonly Region[], setting: PageSetting): Paragraph[] {
  const inRegions = regions.map((region) => ({ region, lines: region.rows.flatMap((row) => lineOf(row) ?? []) }))
  const all = inRegions.flatMap(({ lines }) => lines)
  const furniture = furnitureOf(all, setting)
  const paragraphs: Paragraph[] = []
  let open: Line[] = []
  let kind: BlockKind = 'paragraph'
  const close = () => {
    if (open.length > 0) paragraphs.push(paragraphOf(open, kind, setting))
    open = []
  }
  for (const { region, lines } of inRegions) {
    const leading = leadingOf(lines)
    let left = region.x0
    for (const [i, line] of lines.entries()) {
      const previous = open.at(-1)
      let next = kindOf(line, lines[i - 1], lines[i + 1], furniture, setting)
      // A line of prose that happens to be all names and paths is no listing.
      if (
        next === 'code' &&
        previous !== undefined &&
        (kind === 'paragraph' || kind === 'list') &&
        isContinued(previous, line, leading)
      )
        next = kind
      const starts =
        previous === undefined ||
        (i === 0
          ? !runsOn(previous, line) || kind !== next
          : breaks(previous, line, { kind, next, leading, left, right: region.x1, lines: open.length }))
      if (starts) {
        close()
        kind = next
        left = line.x0
      } else if (open.length === 1) left = line.x0
      open.push(line)
    }
  }
  close()
  return paragraphs
}

/** The usual distance of two lines: the median of those that can be one. */
function leadingOf(lines: readonly Line[]): number {
  const steps = lines
    .slice(1)
    .map((line, i) => line.y - (lines[i]?.y ?? line.y))
    .filter((step, i) => step > 0 && step < 2.2 * (lines[i]?.size ?? 0))
    .toSorted((p, q) => p - q)
  return steps[Math.floor(steps.length / 2)] ?? 0
}

function kindOf(
  line: Line,
  before: Line | undefined,
  after: Line | undefined,
  furniture: ReadonlySet<Line>,
  setting: PageSetting,
): BlockKind {
  if (furniture.has(line)) return 'furniture'
  if (line.mono) return 'code'
  if (isHeading(line, setting)) return 'heading'
  if (line.cells > 1) return 'table'
  // The second line of a cell stands alone in its row, between rows.
  if (before !== undefined && after !== undefined && before.cells > 2 && after.cells > 2) return 'table'
  return LIST_MARK.test(line.text) ? 'list' : 'paragraph'
}

function isHeading(line: Line, { bodySize }: PageSetting): boolean {
  if (
    line.text.length > HEADING_CHARACTERS ||
    !/\p{L}/u.test(line.text) ||
    /intentionally left blank/iu.test(line.text)
  )
    return false
  // A number may stand apart from its title; a title from its page number is a table of contents.
  if (line.cells > (/^[\dA-Z.]+\s{2}/u.test(line.text) ? 2 : 1)) return false
  if (line.size >= 1.12 * bodySize) return true
  return line.bold && !LIST_MARK.test(line.text) && line.size >= 0.98 * bodySize && !/[.,;:]$/u.test(line.text)
}

interface Place {
  readonly kind: BlockKind
  readonly next: BlockKind
  readonly leading: number
  readonly left: number
  readonly right: number
  /** How many lines the paragraph has so far. */
  readonly lines: number
}

function breaks(previous: Line, line: Line, { kind, next, leading, left, right, lines }: Place): boolean {
  const step = line.y - previous.y
  const apart = step > PARAGRAPH_GAP * Math.max(leading, 0.9 * line.size) || step < -line.size
  if (kind === 'furniture' || next === 'furniture') return kind !== next || apart
  if (kind === 'code' && next === 'code') return step > 2.5 * Math.max(leading, line.size)
  if (kind === 'table' && next === 'table') return step > 2.5 * Math.max(leading, line.size)
  if (kind === 'heading' && next === 'heading')
    return apart || Math.abs(previous.size - line.size) > 0.05 * line.size || previous.bold !== line.bold
  if (kind === 'list' && next === 'paragraph')
    return apart || line.x0 < left - 0.5 * line.size || differs(previous, line)
  if (kind !== next || next === 'list' || apart || differs(previous, line)) return true
  // A first line that is set in, or set out (bibliographies), or a last one that ends early, is as good as a gap.
  const full = previous.x1 > right - ROOM * line.size
  if (line.x0 > left + 0.8 * line.size && previous.x0 <= left + 0.4 * line.size && !(lines === 1 && full)) return true
  if (line.x0 < left - 0.8 * line.size && lines > 1) return true
  if (previous.x1 < right - 0.2 * (right - left) && /[.!?:;。！？：]["'”’)\]]?$/u.test(previous.text)) return true
  // The next word had room on the line before: somebody ended that line on purpose (addresses, “Label: value”).
  const first = line.words[0]?.word
  const room = right - previous.x1 - (first === undefined ? 0 : first.x1 - first.x0)
  return (
    room > ROOM * line.size &&
    previous.x1 < line.x1 + ROOM * line.size + (right - left) / 2 &&
    !/^\p{Ll}/u.test(line.text) &&
    !/[,(]$/u.test(previous.text)
  )
}

/** Ragged lines end within this many ems of where their next word would have fitted. */
const ROOM = 3

const isContinued = (previous: Line, line: Line, leading: number) =>
  !/[.:;!?]$/u.test(previous.text) &&
  Math.abs(line.x0 - previous.x0) < 0.5 * line.size &&
  line.y - previous.y < PARAGRAPH_GAP * Math.max(leading, 0.9 * line.size)

const differs = (previous: Line, line: Line) =>
  Math.abs(previous.size - line.size) > 0.08 * Math.max(previous.size, line.size)

/** Whether a sentence goes on in the next column. */
function runsOn(previous: Line, line: Line): boolean {
  if (differs(previous, line) || previous.cells > 1 || line.cells > 1) return false
  const end = previous.text.at(-1) ?? ''
  const start = line.text.charAt(0)
  return /\p{Ll}/u.test(start) ? !/[.!?:]/u.test(end) : isUnspaced(start) && isUnspaced(end) && !/[。！？：]/u.test(end)
}

const PAGE_NUMBER = /^(?:\W*\d+\W*|page \d+.*|.*\b\d+|[ivxlc]+)$|^\d+\s{2,}/iu

/** Lines at the page's upper and lower edge that stand apart from the text, or that stood there on the page before. */
function furnitureOf(lines: readonly Line[], { bodySize, height, isRunning }: PageSetting): Set<Line> {
  const found = new Set<Line>()
  if (height === Number.POSITIVE_INFINITY) return found
  const sorted = lines.toSorted((p, q) => p.y - q.y)
  const leading = leadingOf(sorted)
  for (const [order, isOuter] of [
    [sorted, (line: Line) => line.y < EDGE * height],
    [sorted.toReversed(), (line: Line) => line.y > (1 - EDGE) * height],
  ] as const) {
    const outer = order.filter(isOuter)
    for (const [i, line] of outer.entries()) {
      const inner = order.slice(i + 1).find((other) => Math.abs(other.y - line.y) > 0.5 * line.size)
      const apart = inner === undefined || Math.abs(inner.y - line.y) > 1.5 * Math.max(leading, line.size)
      // Apart from the text and with a page number at one end; a title is larger, and numbered at its start only.
      const numbered =
        apart && line.size < 1.12 * bodySize && line.text.length <= HEADING_CHARACTERS && PAGE_NUMBER.test(line.text)
      if (isRunning(line.text) || (numbered && order.length > i + 1))
        for (const each of order.slice(0, i + 1)) found.add(each)
    }
  }
  return found
}

function paragraphOf(lines: readonly Line[], kind: BlockKind, { bodySize }: PageSetting): Paragraph {
  const [first] = lines
  if (kind !== 'heading' || first === undefined) return { kind, lines }
  // “3.4.1” tells its rank; a lone “9.” is as likely the ninth of a list.
  const numbered = /^(\d{1,3}(?:\.\d{1,3})+)\.?\s+\p{L}/u.exec(first.text)?.[1]
  const ratio = first.size / bodySize
  const chapter = ratio >= 1.3 && (/^\d{1,3}\.?\s/u.test(first.text) || !/\p{Ll}/u.test(first.text))
  const bySize = chapter || ratio >= 1.7 ? 1 : ratio >= 1.35 ? 2 : ratio >= 1.12 ? 3 : 4
  return { kind, lines, level: Math.min(6, numbered === undefined ? bySize : numbered.split('.').length) }
}
