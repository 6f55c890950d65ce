import { and, eq, sql } from 'drizzle-orm'
import { schema, type SystemTx, type TenantTx } from '@quarry/db'
import type { JobState } from '@quarry/contracts'
import { aheadOfWaiting, remainingMs } from './expected.ts'
import { sizeClassOf, type Lines } from './line.ts'
import { whyItWaits } from './why.ts'

const { jobRun } = schema

/** What is known of a job that is asked about. */
export interface AskedJob {
  readonly id: string
  readonly kind: string
  readonly state: JobState
  /** Of the same organisation and kind, before it; only of one that waits for its turn. */
  readonly ownBefore: number
  readonly sizeBytes: number | null
  readonly runAt: Date | null
  readonly startedAt: Date | null
  readonly progress: number | null
  readonly cancelRequested: boolean
  readonly errorMessage: string | null
  readonly errorClass: string | null
}

export interface Standing {
  readonly why: string | null
  readonly ahead: number | null
  readonly remainingMs: number | null
}

/** Where a job stands in the line, why, and for how long. Everything null for one that is over. */
export const standingOf = (job: AskedJob, lines: Lines, now: Date): Standing => {
  const line = lines.of(job.kind)
  const before = lines.before.get(job.id) ?? 0
  const ahead = job.state === 'waiting' ? aheadOfWaiting(job.ownBefore, line) : job.state === 'queued' ? before : null
  const standing = { ...job, ahead, sizeClass: sizeClassOf(job.sizeBytes) }
  return { why: whyItWaits({ ...job, before }, line, now), ahead, remainingMs: remainingMs(standing, line, now) }
}

/** How many of its organisation's jobs of the same kind are taken up before one that waits for its turn. */
export const countOwnBefore = async (
  tx: TenantTx | SystemTx,
  orgId: string,
  job: { id: string; kind: string },
): Promise<number> => {
  const [row] = await tx
    .select({ before: sql<number>`count(*)::int`.mapWith(Number) })
    .from(jobRun)
    .where(
      and(
        eq(jobRun.orgId, orgId),
        eq(jobRun.kind, job.kind),
        sql`(${jobRun.state} = 'queued' or (${jobRun.state} = 'waiting' and
          (${jobRun.priority}, ${jobRun.bulk}, ${jobRun.enqueuedAt}, ${jobRun.id}) < (
            select o.priority, o.bulk, o.created_at, o.id from job_run o where o.org_id = ${orgId} and o.id = ${job.id})))`,
        sql`${jobRun.state} in ('waiting', 'queued')`,
      ),
    )
  return row?.before ?? 0
}
