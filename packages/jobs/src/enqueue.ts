import { sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { TenantTx } from '@quarry/db'
import type { Job } from './jobs.ts'

export interface EnqueueOptions {
  /** Earliest moment to run; now when left out. */
  readonly runAt?: Date
  /** A job of the organisation that waits under the same key is replaced by this one. */
  readonly key?: string
  /** Jobs of one queue run one after the other. */
  readonly queue?: string
}

/**
 * Puts a job into the queue in the caller's transaction: it exists if and only if the rows do that it is about. The
 * database adds the organisation of the transaction (`orgId`) to the payload. @throws ZodError when the payload is wrong.
 */
export async function enqueue<J extends Job>(
  tx: TenantTx,
  job: J,
  payload: z.input<J['payload']>,
  options: EnqueueOptions = {},
): Promise<void> {
  const body = JSON.stringify(job.payload.parse(payload))
  await tx.execute(
    sql`select enqueue_job(${job.name}, ${body}::jsonb, ${job.maxAttempts}::integer, ${job.priority}::integer, ${options.runAt?.toISOString() ?? null}::timestamptz, ${options.key ?? null}::text, ${options.queue ?? null}::text)`,
  )
}
