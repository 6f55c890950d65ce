import { Counter, Registry } from 'prom-client'

/** What one process counts. Each has a registry of its own, so that two in one test do not count together. */
export interface Metrics {
  readonly registry: Registry
  /** A cached read: the name of the question, and how it went. */
  countCachedRead(question: string, outcome: string): void
}

export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const cachedReads = new Counter({
    name: 'quarry_cached_reads_total',
    help: 'Reads through the cache, by question and by how they went.',
    labelNames: ['question', 'outcome'] as const,
    registers: [registry],
  })
  return {
    registry,
    countCachedRead: (question, outcome) => cachedReads.inc({ question, outcome }),
  }
}
