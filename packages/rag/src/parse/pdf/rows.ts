import type { Word } from './words.ts'

/** Words that stand next to each other on one baseline; a wide gap ends a segment. */
export interface Segment {
  readonly words: readonly Word[]
  readonly x0: number
  readonly x1: number
  readonly y: number
  /** The size most of its characters have. */
  readonly size: number
}

/** Segments on one baseline, from left to right. */
export interface Row {
  readonly segments: readonly Segment[]
  readonly y: number
  readonly size: number
}

/**
 * Gaps are in ems (the font's size). A justified line's spaces stay under .8 em, a gutter between columns is wider
 * even in the tightest layouts (IEEE: 1.2 em).
 */
export const SEGMENT_GAP = 0.8
/** Words of one line differ in their baseline by rounding only; superscripts are looked at apart. */
const SAME_BASELINE = 0.25
/** A script stands within this of the baseline of its line, and is at most .85 of its size. */
const SCRIPT_SHIFT = 0.65
const SCRIPT_SIZE = 0.85

/** Sorts words into rows from top to bottom, and drops words that are drawn twice for boldness. */
export function rowsOf(words: readonly Word[]): Row[] {
  const lines: Word[][] = []
  for (const word of words.toSorted((p, q) => p.y - q.y || p.x0 - q.x0)) {
    const line = lines.at(-1)
    const first = line?.[0]
    if (
      line !== undefined &&
      first !== undefined &&
      word.y - first.y <= SAME_BASELINE * Math.max(first.size, word.size)
    )
      line.push(word)
    else lines.push([word])
  }
  return withScripts(lines.map(withoutDoubles)).map(rowOf)
}

function withoutDoubles(line: Word[]): Word[] {
  const sorted = line.toSorted((p, q) => p.x0 - q.x0)
  return sorted.filter((word, i) => {
    for (let k = i - 1; k >= 0; k--) {
      const other = sorted[k]
      if (other === undefined || word.x0 - other.x0 > 0.2 * word.size) return true
      if (other.text === word.text && Math.abs(other.y - word.y) < 0.2 * word.size) return false
    }
    return true
  })
}

/** Joins lines of small characters to the line beside them whose scripts they are. */
function withScripts(lines: Word[][]): Word[][] {
  const joined: Word[][] = []
  const pending = [...lines]
  for (let i = 0; i < pending.length; i++) {
    const line = pending[i] ?? []
    const host = [joined.at(-1), pending[i + 1]].find((other) => other !== undefined && areScriptsOf(line, other))
    if (host === undefined) joined.push(line)
    else host.push(...line)
    host?.sort((p, q) => p.x0 - q.x0)
  }
  return joined
}

function areScriptsOf(small: readonly Word[], line: readonly Word[]): boolean {
  return small.every((word) => {
    const beside = line.find(
      (other) =>
        word.size <= SCRIPT_SIZE * other.size &&
        Math.min(Math.abs(word.x0 - other.x1), Math.abs(other.x0 - word.x1)) < 0.8 * other.size,
    )
    return beside !== undefined && Math.abs(word.y - beside.y) <= SCRIPT_SHIFT * beside.size
  })
}

function rowOf(words: readonly Word[]): Row {
  const segments: Segment[] = []
  let open: Word[] = []
  for (const word of words) {
    const end = open.reduce((max, each) => Math.max(max, each.x1), Number.NEGATIVE_INFINITY)
    if (open.length > 0 && word.x0 - end > SEGMENT_GAP * Math.max(word.size, open.at(-1)?.size ?? 0)) {
      segments.push(segmentOf(open))
      open = []
    }
    open.push(word)
  }
  segments.push(segmentOf(open))
  return { segments, y: dominant(words, (word) => word.y), size: dominant(words, (word) => word.size) }
}

export function segmentOf(words: readonly Word[]): Segment {
  return {
    words,
    x0: Math.min(...words.map((word) => word.x0)),
    x1: Math.max(...words.map((word) => word.x1)),
    y: dominant(words, (word) => word.y),
    size: dominant(words, (word) => word.size),
  }
}

/** The value that most characters have, to a tenth of a point. */
export function dominant(words: readonly Word[], value: (word: Word) => number): number {
  const weights = new Map<number, number>()
  for (const word of words) {
    const key = Math.round(value(word) * 10) / 10
    weights.set(key, (weights.get(key) ?? 0) + word.text.length)
  }
  let best = 0
  let most = -1
  for (const [key, weight] of weights) if (weight > most) [best, most] = [key, weight]
  return best
}
