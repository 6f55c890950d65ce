import { z } from 'zod'

const moment = z.iso.datetime()
const figure = z.number().nullable()

/** A process that reports, or did so a moment ago. Null: it does not say so, or not yet. */
export const processItem = z.object({
  process: z.string(),
  kind: z.enum(['web', 'worker']),
  index: z.int(),
  host: z.string(),
  build: z.string(),
  startedAt: moment,
  /** Its last report. */
  seenAt: moment,
  /** It reported within the last three quarters of a minute. */
  live: z.boolean(),
  rssBytes: figure,
  /** How late its event loop was, p99 of ten seconds. */
  loopDelayMs: figure,
  /** Of a web server, over its last minute. */
  requestsPerSecond: figure,
  /** Of a worker, over its last minute. */
  jobsPerMinute: figure,
})
export type ProcessItem = z.infer<typeof processItem>

/** Web servers first. `reporting`: whether the process that answers writes reports itself (ENABLE_METRICS). */
export const processList = z.object({ reporting: z.boolean(), processes: z.array(processItem) })
export type ProcessList = z.infer<typeof processList>

/** The last hour in minutes, or the last day in half hours. */
export const installationFiguresInput = z.strictObject({ range: z.enum(['hour', 'day']) })
/** What all processes did together. Null: nobody reported, or there was nothing to tell it from. */
export const installationFigures = z.object({
  /** Ascending, without gaps; the last one goes up to some seconds ago. */
  points: z.array(
    z.object({
      at: moment,
      /** Answered as they should be: without those with an error of ours. */
      requestsPerSecond: figure,
      faultsPerSecond: figure,
      latencyMs: z.object({ p50: z.number(), p95: z.number() }).nullable(),
      /** p95. */
      firstTokenMs: figure,
      hitPercent: figure,
      failedModelCallsPerMinute: figure,
      /** The most in that time, and so are those below. */
      queueDepth: figure,
      oldestJobSeconds: figure,
      /** In one process. */
      poolWaiting: figure,
      /** In one process. */
      loopDelayMs: figure,
    }),
  ),
})
export type InstallationFigures = z.infer<typeof installationFigures>
