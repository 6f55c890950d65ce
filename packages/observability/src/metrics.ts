import { Counter, Gauge, Registry } from 'prom-client'

/** What one process counts. Each has a registry of its own, so that two in one test do not count together. */
export interface Metrics {
  readonly registry: Registry
  /** A cached read: the name of the question, and how it went. */
  countCachedRead(question: string, outcome: string): void
  /** What nobody worked on any more, and was put back or ended. */
  countReconciled(kind: string, count: number): void
  /** When something of the clock last ended well, in any process. */
  cronSucceeded(name: string, at: Date): void
  cronFailed(name: string): void
}

export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const cachedReads = new Counter({
    name: 'quarry_cached_reads_total',
    help: 'Reads through the cache, by question and by how they went.',
    labelNames: ['question', 'outcome'] as const,
    registers: [registry],
  })
  const reconciled = new Counter({
    name: 'quarry_reconciled_total',
    help: 'Files, answers and jobs that nobody worked on any more, and that were put back or ended.',
    labelNames: ['kind'] as const,
    registers: [registry],
  })
  const cronSuccess = new Gauge({
    name: 'quarry_cron_last_success_timestamp_seconds',
    help: 'When what the clock does last ended well, in any process.',
    labelNames: ['name'] as const,
    registers: [registry],
  })
  const cronFailures = new Counter({
    name: 'quarry_cron_failures_total',
    help: 'What the clock does, and failed in this process.',
    labelNames: ['name'] as const,
    registers: [registry],
  })
  return {
    registry,
    countCachedRead: (question, outcome) => cachedReads.inc({ question, outcome }),
    countReconciled: (kind, count) => reconciled.inc({ kind }, count),
    cronSucceeded: (name, at) => cronSuccess.set({ name }, at.getTime() / 1000),
    cronFailed: (name) => cronFailures.inc({ name }),
  }
}
