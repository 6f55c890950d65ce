import type { InstallationFigures } from '@quarry/contracts'
import { METRICS } from '@quarry/observability'
import type { Figures } from './figures.ts'

/** The last report of a process in a bucket of time, with the most that it had to say there of what goes up and down. */
export interface ProcessBucket {
  readonly process: string
  /** Milliseconds, as all times here. */
  readonly startedAt: number
  readonly at: number
  /** When the bucket begins. */
  readonly bucket: number
  readonly figures: Figures
  readonly most: Readonly<Record<Gauge, number | null>>
}
export const GAUGES = ['poolWaiting', 'queueDepth', 'oldestJobSeconds', 'loopDelayMs'] as const
export type Gauge = (typeof GAUGES)[number]

const TOTALS = ['requests', 'faults', 'reads', 'hits', 'modelCalls', 'failedModelCalls'] as const
const HISTOGRAMS = { latency: METRICS.requestSeconds.buckets, firstToken: METRICS.firstTokenSeconds.buckets } as const
const WIDTH = TOTALS.length + HISTOGRAMS.latency.length + 1 + HISTOGRAMS.firstToken.length + 1

/** All that a process counts, in one row; buckets of another release, which have other bounds, count for nothing. */
const countsOf = (figures: Figures): number[] => {
  const row = (key: keyof typeof HISTOGRAMS): readonly number[] => {
    const length = HISTOGRAMS[key].length + 1
    return figures[key].length === length ? figures[key] : Array.from({ length }, () => 0)
  }
  return [...TOTALS.map((key) => figures[key]), ...row('latency'), ...row('firstToken')]
}

/** What a process had counted at any moment: nothing before its start, in a straight line between two reports. */
class Line {
  readonly points: { readonly at: number; readonly counts: readonly number[] }[]
  readonly from: number
  readonly to: number
  constructor(rows: readonly ProcessBucket[]) {
    const reported = rows.map(({ at, figures }) => ({ at, counts: countsOf(figures) }))
    this.to = reported.at(-1)?.at ?? 0
    // By another clock than the reports: it has not begun after its first one.
    this.from = Math.min(rows[0]?.startedAt ?? 0, (reported[0]?.at ?? 0) - 1)
    this.points = [{ at: this.from, counts: Array.from({ length: WIDTH }, () => 0) }, ...reported]
  }
  at(moment: number): readonly number[] {
    const after = this.points.findIndex(({ at }) => at > moment)
    const [before, next] = [this.points.at(after - 1), this.points[after]]
    if (after === 0 || before === undefined) return this.points[0]?.counts ?? []
    if (next === undefined) return this.points.at(-1)?.counts ?? []
    const share = (moment - before.at) / (next.at - before.at)
    return before.counts.map((count, i) => count + ((next.counts[i] ?? 0) - count) * share)
  }
}

/**
 * What all processes together did in each bucket of time: `starts` ascending, the last bucket until `end`. Null where
 * nobody reported, or nothing happened that could be told of.
 */
export const toSeries = (
  rows: readonly ProcessBucket[],
  starts: readonly number[],
  end: number,
): InstallationFigures['points'] => {
  const lines = [...Map.groupBy(rows, ({ process }) => process).values()].map(
    (ofOne) => new Line(ofOne.toSorted((a, b) => a.at - b.at)),
  )
  const byBucket = Map.groupBy(rows, ({ bucket }) => bucket)
  return starts.map((start, i) => {
    const until = starts[i + 1] ?? Math.max(end, start + 1)
    const alive = lines.filter(({ from, to }) => from < until && to > start)
    const counted = alive.map((line) => difference(line.at(until), line.at(start)))
    const all = Array.from({ length: WIDTH }, (_, at) => counted.reduce((sum, row) => sum + (row[at] ?? 0), 0))
    const [requests = 0, faults = 0, reads = 0, hits = 0, , failedModelCalls = 0] = all
    const latency = all.slice(TOTALS.length, TOTALS.length + HISTOGRAMS.latency.length + 1)
    const firstToken = all.slice(TOTALS.length + HISTOGRAMS.latency.length + 1)
    const seconds = (until - start) / 1000
    const told = (value: number): number | null => (alive.length === 0 ? null : rounded(value))
    const most = (gauge: Gauge): number | null => {
      const values = (byBucket.get(start) ?? []).flatMap(({ most: all }) => all[gauge] ?? [])
      return values.length === 0 ? null : rounded(Math.max(...values))
    }
    const [p50, p95] = [0.5, 0.95].map((q) => milliseconds(quantileOf(latency, HISTOGRAMS.latency, q)))
    return {
      at: new Date(start).toISOString(),
      requestsPerSecond: told(Math.max(0, requests - faults) / seconds),
      faultsPerSecond: told(faults / seconds),
      latencyMs: typeof p50 === 'number' && typeof p95 === 'number' ? { p50, p95 } : null,
      firstTokenMs: milliseconds(quantileOf(firstToken, HISTOGRAMS.firstToken, 0.95)),
      // Of less than one read there is no share.
      hitPercent: reads < LEAST ? null : rounded((hits / reads) * 100),
      failedModelCallsPerMinute: told((failedModelCalls / seconds) * 60),
      queueDepth: most('queueDepth'),
      oldestJobSeconds: most('oldestJobSeconds'),
      poolWaiting: most('poolWaiting'),
      loopDelayMs: most('loopDelayMs'),
    }
  })
}

/** A part of an observation is the straight line's, at the edge of a bucket: most of it happened in the one beside. */
const LEAST = 0.5

/**
 * A quantile from counts by bucket, as Prometheus estimates it (histogram_quantile): in a straight line within its
 * bucket, and the highest bound for what is above it. Null where there is nothing to tell it from.
 */
export const quantileOf = (counts: readonly number[], bounds: readonly number[], q: number): number | null => {
  const all = counts.reduce((sum, count) => sum + count, 0)
  if (all < LEAST) return null
  let below = 0
  for (const [at, count] of counts.entries()) {
    const upper = bounds[at]
    if (upper === undefined) break
    if (count > 0 && below + count >= q * all) {
      const lower = bounds[at - 1] ?? 0
      return lower + (upper - lower) * ((q * all - below) / count)
    }
    below += count
  }
  return bounds.at(-1) ?? null
}

const difference = (after: readonly number[], before: readonly number[]): number[] =>
  after.map((count, at) => count - (before[at] ?? 0))
const rounded = (value: number): number => Math.round(value * 1000) / 1000
const milliseconds = (seconds: number | null): number | null => (seconds === null ? null : rounded(seconds * 1000))
