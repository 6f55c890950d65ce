import { METRICS } from '@quarry/observability'
import { describe, expect, it } from 'vitest'
import { figuresOf } from './figures.ts'
import { quantileOf, toSeries, type ProcessBucket } from './series.ts'

const MINUTE = 60_000
const STARTS = [10, 11, 12].map((minute) => minute * MINUTE)
const END = 12 * MINUTE + 30_000

interface Reported {
  readonly process?: string
  readonly startedAt?: number
  readonly figures?: object
  readonly most?: Partial<ProcessBucket['most']>
}
const report = (at: number, { process = 'web', startedAt = 0, figures = {}, most = {} }: Reported): ProcessBucket => ({
  ...{ process, startedAt, at, bucket: Math.floor(at / MINUTE) * MINUTE, figures: figuresOf.parse(figures) },
  most: { poolWaiting: null, queueDepth: null, oldestJobSeconds: null, loopDelayMs: null, ...most },
})
/** What a process that does 2 requests a second has done by then. */
const steady = (at: number, process?: string) =>
  report(at, { ...(process !== undefined && { process }), figures: { requests: (at / 1000) * 2 } })
const at = (minute: number, second: number) => minute * MINUTE + second * 1000

describe('what processes did in each bucket of time', () => {
  it('is told from differences, whenever they report, and a report that is lost leaves no hole', () => {
    const rows = [steady(at(9, 50)), steady(at(10, 58)), steady(at(12, 40))]
    expect(toSeries(rows, STARTS, END).map(({ requestsPerSecond }) => requestsPerSecond)).toEqual([2, 2, 2])
  })

  it('is added up over processes, from the start of each to its last report', () => {
    const born = report(at(11, 45), {
      process: 'born',
      startedAt: at(11, 30),
      figures: { requests: 30, faults: 30 },
    })
    const rows = [steady(at(9, 59)), steady(at(10, 59)), steady(at(12, 45)), born]
    const series = toSeries(rows, STARTS, END)
    expect(series.map(({ requestsPerSecond, faultsPerSecond }) => [requestsPerSecond, faultsPerSecond])).toEqual([
      [2, 0],
      [2, 0.5],
      [2, 0],
    ])
  })

  it('is nothing known where nobody reported, and nothing done where nobody asked', () => {
    const idle = [report(at(11, 10), { startedAt: at(11, 5) }), report(at(11, 50), { startedAt: at(11, 5) })]
    const [before, during, after] = toSeries(idle, STARTS, END)
    expect(before).toMatchObject({ requestsPerSecond: null, latencyMs: null, hitPercent: null })
    expect(during).toMatchObject({ requestsPerSecond: 0, latencyMs: null, firstTokenMs: null, hitPercent: null })
    expect(after).toMatchObject({ requestsPerSecond: null, failedModelCallsPerMinute: null })
  })

  it('has percentiles over all processes, a share of hits, and the most of what goes up and down', () => {
    const latency = (bound: number, count: number) =>
      [...METRICS.requestSeconds.buckets, Infinity].map((each) => (each === bound ? count : 0))
    const quick = { latency: latency(0.05, 90), reads: 90, hits: 90, failedModelCalls: 2 }
    const slow = { latency: latency(2.5, 10), reads: 10, hits: 0 }
    const startedAt = at(11, 1)
    const rows = [
      report(at(11, 59), { startedAt, figures: quick, most: { poolWaiting: 1, loopDelayMs: 12 } }),
      report(at(11, 58), { process: 'other', startedAt, figures: slow, most: { poolWaiting: 4 } }),
      report(at(11, 57), { process: 'worker', startedAt, most: { queueDepth: 9, oldestJobSeconds: 61 } }),
    ]
    const [, point] = toSeries(rows, STARTS, END)
    expect(point).toMatchObject({
      ...{
        hitPercent: 90,
        failedModelCallsPerMinute: 2,
        queueDepth: 9,
        oldestJobSeconds: 61,
        poolWaiting: 4,
        loopDelayMs: 12,
      },
    })
    expect(point?.latencyMs?.p50).toBeGreaterThan(25)
    expect(point?.latencyMs?.p50).toBeLessThan(50)
    expect(point?.latencyMs?.p95).toBe(1750)
  })

  it('leaves out buckets with other bounds, which another release has', () => {
    const rows = [report(at(11, 59), { startedAt: at(11, 1), figures: { requests: 58, latency: [58, 0] } })]
    const [, point] = toSeries(rows, STARTS, END)
    expect(point).toMatchObject({ latencyMs: null })
    expect(point?.requestsPerSecond).toBeCloseTo(58 / 60)
  })
})

it('a quantile lies in its bucket, and above all bounds at the highest', () => {
  expect(quantileOf([0, 4, 0, 0], [1, 2, 3], 0.5)).toBe(1.5)
  expect(quantileOf([2, 2, 0, 0], [1, 2, 3], 0.5)).toBe(1)
  expect(quantileOf([0, 0, 0, 5], [1, 2, 3], 0.95)).toBe(3)
  expect(quantileOf([0, 0, 0, 0], [1, 2, 3], 0.95)).toBeNull()
})
