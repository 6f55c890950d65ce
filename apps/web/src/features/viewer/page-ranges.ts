export interface PageRange {
  readonly from: number
  readonly to: number
}

/** Ascending numbers as the ranges that people say: 3, 4, 5 and 9 are 3–5 and 9. */
export const pageRanges = (ordinals: readonly number[]): PageRange[] => {
  const ranges: PageRange[] = []
  for (const ordinal of ordinals) {
    const last = ranges.at(-1)
    if (last !== undefined && ordinal === last.to + 1) ranges[ranges.length - 1] = { from: last.from, to: ordinal }
    else ranges.push({ from: ordinal, to: ordinal })
  }
  return ranges
}
