/** Sixty minutes, or forty-eight half hours: as many as a chart shows. */
export const RANGES = { hour: { minutes: 1, buckets: 60 }, day: { minutes: 30, buckets: 48 } } as const
export type Range = keyof typeof RANGES

/** When the buckets of a chart begin that ends with the one of `now`, ascending; milliseconds. */
export const bucketStarts = (range: Range, now: Date): number[] => {
  const { minutes, buckets } = RANGES[range]
  const ms = minutes * 60_000
  const last = Math.floor(now.getTime() / ms) * ms
  return Array.from({ length: buckets }, (_, i) => last - (buckets - 1 - i) * ms)
}
