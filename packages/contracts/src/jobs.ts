import { z } from 'zod'
import { collectionId, documentId, jobRunId, orgId } from './ids.ts'
import { pageInput } from './pagination.ts'
import { text } from './text.ts'

/** What there is to do, and how people call it. A test holds the names against the declarations in @quarry/jobs. */
export const JOB_KINDS = {
  'document.process': 'Read and index a file',
  'document.embed': 'Index a file by meaning',
} as const
export type JobKind = keyof typeof JOB_KINDS
export const jobKind = z.enum(Object.keys(JOB_KINDS) as [JobKind, ...JobKind[]])

/**
 * `waiting`: others of the same organisation are before it. `queued`: the next free place is its. `retrying`: after an
 * error, and a pause. The last three are the end.
 */
export const jobState = z.enum(['waiting', 'queued', 'running', 'retrying', 'succeeded', 'failed', 'cancelled'])
export type JobState = z.infer<typeof jobState>
export const UNFINISHED_JOB_STATES = ['waiting', 'queued', 'running', 'retrying'] as const satisfies readonly JobState[]

const moment = z.iso.datetime()

export const jobItem = z.object({
  id: jobRunId,
  kind: jobKind,
  state: jobState,
  /** Whose it is; null where that is the reader's own organisation. */
  organisation: z.object({ id: orgId, name: z.string() }).nullable(),
  /** What it is about; null where that is gone, may not be seen by the reader, or is not shown to operators. */
  document: z.object({ id: documentId, collectionId, path: z.string() }).nullable(),
  bulk: z.boolean(),
  /** Lower runs first; 0 is usual. */
  priority: z.int(),
  attempt: z.int(),
  maxAttempts: z.int(),
  stage: z.string().nullable(),
  progress: z.int().nullable(),
  worker: z.string().nullable(),
  errorClass: z.string().nullable(),
  errorMessage: z.string().nullable(),
  cancelRequested: z.boolean(),
  enqueuedAt: moment,
  startedAt: moment.nullable(),
  finishedAt: moment.nullable(),
})
export type JobItem = z.infer<typeof jobItem>

/** `query`: words of the document's path. `from`, `to`: when it was asked for, the end not included. */
export const listJobsInput = pageInput.extend({
  state: z.union([jobState, z.literal('unfinished')]).nullish(),
  kind: jobKind.nullish(),
  documentId: documentId.nullish(),
  query: text.max(200).nullish(),
  errorClass: text.max(100).nullish(),
  from: moment.nullish(),
  to: moment.nullish(),
})
/** The same over all organisations: documents have no names here. */
export const listAllJobsInput = listJobsInput.omit({ query: true, documentId: true }).extend({ orgId: orgId.nullish() })

export const jobAttempt = z.object({
  attempt: z.int(),
  worker: z.string(),
  state: z.enum(['running', 'succeeded', 'failed', 'retrying', 'cancelled', 'returned', 'lost']),
  startedAt: moment,
  finishedAt: moment.nullable(),
  stages: z.array(z.object({ stage: z.string(), at: moment })),
  errorClass: z.string().nullable(),
  errorMessage: z.string().nullable(),
  /** For operators; null for others. */
  errorStack: z.string().nullable(),
})

export const jobRef = z.strictObject({ id: jobRunId })
/** An operator says of which organisation it is: an id alone is unique within one. */
export const anyJobRef = z.strictObject({ orgId, id: jobRunId })

export const jobDetail = jobItem.extend({
  attempts: z.array(jobAttempt),
  /** Ids by name. */
  payload: z.record(z.string(), z.unknown()),
  /** Why it is not running, in words, and what comes next; null when it runs or is over. */
  why: z.string().nullable(),
  /** Jobs that will be taken up before it, where that can be told. */
  ahead: z.int().nullable(),
  /** When it is expected to end, from how long such jobs took; null where there is nothing to go by. */
  expectedAt: moment.nullable(),
  /** What may be done with it now. */
  actions: z.array(z.enum(['retry', 'cancel', 'prioritise'])),
})
export type JobDetail = z.infer<typeof jobDetail>

const priority = z.int().min(-10).max(10)
export const jobPriorityInput = jobRef.extend({ priority })
export const anyJobPriorityInput = anyJobRef.extend({ priority })
/** Every failed job of this kind and class of error; 2,000 of them by one call, the newest. */
export const retryClassInput = z.strictObject({ kind: jobKind, errorClass: text.min(1).max(100) })
/** Of one organisation, or of all. */
export const retryAnyClassInput = retryClassInput.extend({ orgId: orgId.nullish() })
/** `changed`: how many were; 0 where there was nothing to do, which is no error. */
export const jobsChanged = z.object({ changed: z.int() })

/** The last hour in minutes, or the last day in half hours. */
export const jobOverviewInput = z.strictObject({ range: z.enum(['hour', 'day']) })
const quantiles = z.object({ p50: z.number(), p95: z.number() }).nullable()
export const jobOverview = z.object({
  kinds: z.array(
    z.object({
      kind: jobKind,
      waiting: z.int(),
      queued: z.int(),
      running: z.int(),
      retrying: z.int(),
      /** Of those that wait. */
      oldestAt: moment.nullable(),
      paused: z.boolean(),
    }),
  ),
  /** Ascending, without gaps. Waits and durations in ms, of the jobs that ended in the bucket. */
  buckets: z.array(
    z.object({
      at: moment,
      succeeded: z.int(),
      failed: z.int(),
      cancelled: z.int(),
      waitMs: quantiles,
      durationMs: quantiles,
    }),
  ),
  failures: z.array(z.object({ kind: jobKind, errorClass: z.string(), count: z.int(), lastAt: moment })),
})
export type JobOverview = z.infer<typeof jobOverview>

/** A worker process that lives. */
export const workerItem = z.object({
  process: z.string(),
  host: z.string(),
  startedAt: moment,
  seenAt: moment,
  lanes: z.array(z.object({ lane: z.string(), places: z.int(), pool: z.string() })),
  running: z.array(
    z.object({
      id: jobRunId,
      orgId,
      kind: jobKind,
      startedAt: moment,
      stage: z.string().nullable(),
      progress: z.int().nullable(),
    }),
  ),
})
export type WorkerItem = z.infer<typeof workerItem>

export const queueInput = z.strictObject({ kind: jobKind })

export const CRON_JOBS = {
  retention: 'Delete what is kept no longer: old history, signals, idempotency keys, deleted conversations',
  'orphaned-blobs': 'Delete stored bytes that no document refers to',
  'expired-uploads': 'Delete uploads that were not finished',
  'usage-rollup': 'Sum up the usage of days that are over',
  'deleted-organisations': 'Delete what closed workspaces had, once they can no longer be opened again',
  backup: 'Write a backup, and delete those that are too old',
  reconcile: 'Repair files and answers that nobody works on',
} as const
export type CronName = keyof typeof CRON_JOBS
export const cronName = z.enum(Object.keys(CRON_JOBS) as [CronName, ...CronName[]])
export const cronItem = z.object({
  name: cronName,
  about: z.string(),
  /** Five fields, UTC; null: not by the clock. */
  schedule: z.string().nullable(),
  nextAt: moment.nullable(),
  last: z
    .object({
      id: z.uuid(),
      state: z.enum(['queued', 'running', 'succeeded', 'failed', 'lost']),
      requestedBy: z.string().nullable(),
      startedAt: moment.nullable(),
      finishedAt: moment.nullable(),
      counts: z.record(z.string(), z.number()),
      errorClass: z.string().nullable(),
      errorMessage: z.string().nullable(),
    })
    .nullable(),
})
export type CronItem = z.infer<typeof cronItem>
export const cronInput = z.strictObject({ name: cronName })

/** Where a file stands that is on its way. `ahead`: files of anybody that are before it. */
export const documentPlace = z.object({
  documentId,
  jobId: jobRunId.nullable(),
  state: jobState.nullable(),
  ahead: z.int().nullable(),
  /** Seconds until it is searchable, learnt from files of its kind and size; null where there is nothing to go by. */
  etaSeconds: z.int().nullable(),
  why: z.string().nullable(),
})
export type DocumentPlace = z.infer<typeof documentPlace>
export const documentPlacesInput = z.strictObject({ ids: z.array(documentId).min(1).max(100) })
