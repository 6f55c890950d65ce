import { ERRORS } from '@quarry/contracts'
import { METRICS, type MetricKey, type MetricReading } from '@quarry/observability'
import { z } from 'zod'

const total = z.number().nonnegative().catch(0)
/** Observations by bucket, each in one; the last is for what is above all bounds. */
const counts = z.array(z.number().nonnegative()).max(20).catch([])
const shown = z.number().nullable().catch(null)

/**
 * What a process says of itself. Counts run on from its start, those of histograms too, in the buckets of the metric: a
 * report that is lost leaves no hole, and percentiles of several processes and of any time can be told from differences,
 * which from ready percentiles they could not. Read leniently: the release before and the next one write here, too.
 */
export const figuresOf = z.object({
  requests: total,
  /** Answered with an error of ours. */
  faults: total,
  /** Seconds; bounds of requestSeconds. */
  latency: counts,
  /** Seconds; bounds of firstTokenSeconds. */
  firstToken: counts,
  /** Through the cache, where it was on. */
  reads: total,
  hits: total,
  modelCalls: total,
  failedModelCalls: total,
  /** Attempts that are over. */
  jobs: total,
  rssBytes: shown,
  /** p99 of ten seconds. */
  loopDelayMs: shown,
  /** Transactions without a connection. */
  poolWaiting: shown,
  /** Jobs of the whole installation that have not begun; workers know. */
  queueDepth: shown,
  /** Of those that a worker could take up. */
  oldestJobSeconds: shown,
})
export type Figures = z.infer<typeof figuresOf>

type Values = MetricReading['values']
type Labels = Values[number]['labels']

/** Probes and files of the build: neither people nor programs wait for them. */
const ASIDE: ReadonlySet<unknown> = new Set(['health', 'asset'])
/** They take as long as their bytes. */
const TRANSFERS: ReadonlySet<unknown> = new Set(['upload', 'content'])
const FAULTS: ReadonlySet<unknown> = new Set(
  Object.entries(ERRORS).flatMap(([code, { http }]) => (http >= 500 ? [code] : [])),
)
const HITS: ReadonlySet<unknown> = new Set(['hit', 'stale', 'dedup'])

const isAsked = ({ procedure }: Labels): boolean => !ASIDE.has(procedure)
const isFault = (labels: Labels): boolean => isAsked(labels) && FAULTS.has(labels['outcome'])

/** The readings of a process as its report. A worker's say how the queue is; an empty one has no series. */
export const reduceToFigures = (readings: readonly MetricReading[], kind: 'web' | 'worker'): Figures => {
  const byName = new Map(readings.map(({ name, values }) => [name, values]))
  const of = (key: MetricKey): Values => byName.get(METRICS[key].name) ?? []
  const count = (key: MetricKey, which?: (labels: Labels) => boolean) => sum(countsOf(of(key)), which)
  const queue = (key: MetricKey) => (kind === 'worker' ? of(key) : null)
  const isWaiting = ({ state }: Labels): boolean => state !== 'running'
  const depth = queue('jobDepth')
  const oldest = queue('jobOldestSeconds')
  const late = of('eventLoopDelay').find(({ labels }) => labels['quantile'] === '0.99')
  return {
    requests: count('requestSeconds', isAsked),
    faults: count('requestSeconds', isFault),
    latency: bucketsOf(of('requestSeconds'), (labels) => isAsked(labels) && !TRANSFERS.has(labels['procedure'])),
    firstToken: bucketsOf(of('firstTokenSeconds')),
    reads: sum(of('cachedReads'), ({ outcome }) => outcome !== 'off'),
    hits: sum(of('cachedReads'), ({ outcome }) => HITS.has(outcome)),
    modelCalls: count('modelCallSeconds'),
    // The alert counts the same: what the provider did, not what somebody asked for or broke off.
    failedModelCalls: count('modelCallSeconds', ({ outcome }) => String(outcome).startsWith('model_')),
    jobs: sum(of('jobAttempts')),
    rssBytes: byName.get('process_resident_memory_bytes')?.[0]?.value ?? null,
    loopDelayMs: late === undefined ? null : Math.round(late.value * 10_000) / 10,
    poolWaiting: of('poolWaiting')[0]?.value ?? null,
    queueDepth: depth && sum(depth, isWaiting),
    oldestJobSeconds:
      oldest &&
      Math.round(Math.max(0, ...oldest.filter(({ labels }) => labels['state'] === 'queued').map(({ value }) => value))),
  }
}

const sum = (values: Values, which: (labels: Labels) => boolean = () => true): number =>
  values.reduce((all, { labels, value }) => (which(labels) ? all + value : all), 0)

/** prom-client gives the series of a histogram under their own names. */
const partOf = (value: Values[number]): string => ('metricName' in value ? String(value.metricName) : '')
const countsOf = (values: Values): Values => values.filter((value) => partOf(value).endsWith('_count'))

/** Prometheus counts each observation in all buckets from its own on; here it is in one. */
const bucketsOf = (values: Values, which: (labels: Labels) => boolean = () => true): number[] => {
  const upTo = new Map<number, number>()
  for (const each of values) {
    if (!partOf(each).endsWith('_bucket') || !which(each.labels)) continue
    const bound = each.labels['le'] === '+Inf' ? Infinity : Number(each.labels['le'])
    upTo.set(bound, (upTo.get(bound) ?? 0) + each.value)
  }
  const ascending = [...upTo].toSorted(([a], [b]) => a - b).map(([, counted]) => counted)
  return ascending.map((counted, at) => counted - (ascending[at - 1] ?? 0))
}
