import { sql } from 'drizzle-orm'
import { z } from 'zod'
import { jobRunId, type JobRunId } from '@quarry/contracts'
import type { TenantTx } from '@quarry/db'
import { requestContext } from '@quarry/observability'
import { jobNamed, type Job } from './jobs.ts'

export interface EnqueueOptions {
  /** Earliest moment to run; now when left out. */
  readonly runAt?: Date
  /** A job of the organisation that waits under the same key is replaced by this one. */
  readonly key?: string
  /** Jobs of one queue run one after the other. */
  readonly queue?: string
  /** Large: what somebody waits for goes first. An organisation that has many to be done has bulk anyway. */
  readonly bulk?: boolean
}

/** Beside what a job is about: the span that asked for it. */
const TRACE_FIELD = 'traceparent'

/** Which span asked for a job, by its payload; null where nobody traced. */
export const traceparentOf = (payload: unknown): string | null => {
  const found = traced.safeParse(payload)
  return found.success ? found.data[TRACE_FIELD] : null
}
const traced = z.object({ [TRACE_FIELD]: z.string().max(60) })

/**
 * Asks for a job in the caller's transaction: it exists if and only if the rows do that it is about. It is the
 * transaction's organisation's, and runs when it is that one's turn. Returns its id. @throws ZodError when the payload is wrong.
 */
export async function enqueue<J extends Job>(
  tx: TenantTx,
  job: J,
  payload: z.input<J['payload']>,
  options: EnqueueOptions = {},
): Promise<JobRunId> {
  const definition = jobNamed(job.name)
  const parsed = definition.payload.parse(payload)
  // Where somebody traces: the job is part of what asked for it. What is done says the rest of the payload alone.
  const traceparent = requestContext()?.span?.traceparent
  const stored = traceparent === undefined ? parsed : { ...parsed, [TRACE_FIELD]: traceparent }
  const rows = await tx.execute(
    sql`select enqueue_job(${job.name}, ${JSON.stringify(stored)}::jsonb, ${job.maxAttempts}::integer, ${job.priority}::integer,
      ${options.runAt?.toISOString() ?? null}::timestamptz, ${options.key ?? null}::text, ${options.queue ?? null}::text,
      ${options.bulk ?? false}::boolean, ${definition.subject(parsed)}::uuid) as id`,
  )
  return enqueued.parse(rows)[0].id
}

const enqueued = z.tuple([z.object({ id: jobRunId })])
