import { Counter, Gauge, Histogram, Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client'
import { metricDefinitions, type METRICS, type MetricKey } from './definitions.ts'

type Definitions = typeof METRICS
type Labels<K extends MetricKey> = Readonly<Record<Definitions[K]['labels'][number], string>>

/** `labels` names every one of the metric's; `{}` where it has none. */
interface Counting<L> {
  inc(labels: L, by?: number): void
}
interface Showing<L> {
  set(labels: L, value: number): void
  /** Forgets what was set: series that are not set again are gone. */
  reset(): void
}
interface Observing<L> {
  observe(labels: L, value: number): void
  /** Shows the series before anything is observed: one that begins with its first event has not grown. */
  zero(labels: L): void
}
type Instrument<K extends MetricKey> = Definitions[K]['kind'] extends 'counter'
  ? Counting<Labels<K>>
  : Definitions[K]['kind'] extends 'gauge'
    ? Showing<Labels<K>>
    : Observing<Labels<K>>

export type Instruments = { readonly [K in MetricKey]: Instrument<K> }

export type MetricReading = MetricObjectWithValues<MetricValue<string>>

/** What one process counts: an instrument for each row of METRICS. */
export interface Metrics extends Instruments {
  /** prom-client's; each process has one, and each test its own. `collect` first. */
  readonly registry: Registry
  /** Has `look` called before each reading, for what is looked up rather than counted. Returns what ends that. */
  beforeReading(look: () => void | Promise<void>): () => void
  /** In Prometheus' text format. What cannot be looked up is left as it was. */
  text(): Promise<string>
  /** The same as values. */
  readings(): Promise<readonly MetricReading[]>
}

/** Opens nothing and measures nothing by itself; see watchProcess for what the process as a whole does. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const looks = new Set<() => void | Promise<void>>()
  const look = async (): Promise<void> => {
    // One that cannot be asked says nothing about the others.
    await Promise.allSettled([...looks].map(async (each) => each()))
  }
  const instruments = Object.fromEntries(
    metricDefinitions().map(({ key, kind, name, help, labels, buckets = [] }) => {
      const settings = { name, help, labelNames: [...labels], registers: [registry] }
      if (kind === 'counter') return [key, new Counter(settings)]
      if (kind === 'gauge') return [key, new Gauge(settings)]
      return [key, new Histogram({ ...settings, buckets: [...buckets] })]
    }),
  ) as { [K in MetricKey]: Instrument<K> }
  return {
    ...instruments,
    registry,
    beforeReading: (added) => {
      looks.add(added)
      return () => void looks.delete(added)
    },
    text: async () => {
      await look()
      return registry.metrics()
    },
    readings: async () => {
      await look()
      return registry.getMetricsAsJSON()
    },
  }
}
