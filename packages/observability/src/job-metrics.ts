import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** From a click's wait to a night's. */
const SECONDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_600]

/** What a worker process counts about its jobs. */
export interface JobMetrics {
  readonly registry: Registry
  /** From the request to being taken up for the first time. */
  waited(kind: string, seconds: number): void
  /** One attempt, with how it went. */
  ended(kind: string, outcome: string, seconds: number): void
  /** Of the whole installation, as of now. */
  depth(
    rows: readonly {
      readonly kind: string
      readonly state: string
      readonly count: number
      readonly oldestSeconds: number
    }[],
  ): void
}

export const createJobMetrics = (registry = new Registry()): JobMetrics => {
  const registers = [registry]
  const wait = new Histogram({
    name: 'quarry_job_wait_seconds',
    help: 'From the request for a job to its first attempt.',
    labelNames: ['kind'] as const,
    buckets: SECONDS,
    registers,
  })
  const duration = new Histogram({
    name: 'quarry_job_duration_seconds',
    help: 'How long attempts took, by how they went.',
    labelNames: ['kind', 'outcome'] as const,
    buckets: SECONDS,
    registers,
  })
  const outcomes = new Counter({
    name: 'quarry_job_attempts_total',
    help: 'Attempts, by how they went.',
    labelNames: ['kind', 'outcome'] as const,
    registers,
  })
  const depth = new Gauge({
    name: 'quarry_job_depth',
    help: 'Jobs that are not over, by state.',
    labelNames: ['kind', 'state'] as const,
    registers,
  })
  const oldest = new Gauge({
    name: 'quarry_job_oldest_seconds',
    help: 'Since the oldest job that may run was asked for, by state. One that grows without end is stuck: look at the workers.',
    labelNames: ['kind', 'state'] as const,
    registers,
  })
  return {
    registry,
    waited: (kind, seconds) => wait.observe({ kind }, seconds),
    ended: (kind, outcome, seconds) => {
      duration.observe({ kind, outcome }, seconds)
      outcomes.inc({ kind, outcome })
    },
    depth: (rows) => {
      depth.reset()
      oldest.reset()
      for (const { kind, state, count, oldestSeconds } of rows) {
        depth.set({ kind, state }, count)
        oldest.set({ kind, state }, oldestSeconds)
      }
    },
  }
}
