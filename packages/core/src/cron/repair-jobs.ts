import { and, asc, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { orgId as orgIdSchema } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { JOBS } from '@quarry/jobs'
import { oneByOne } from '../jobs/one-by-one.ts'
import type { CronDeps } from './task.ts'

/** Whoever works on a job touches its row; a job that was put in a moment ago is seen in the queue at once. */
const UNTOUCHED_SECONDS = 60
/** Rows of one look. They are looked through to the end: those that are well stay as they are, and would hide the others. */
const MOST = 1_000

/** A worker aborts a job at its deadline, and then writes how it ended; after so long it has done so, or forgotten it. */
const LATE_SECONDS = 300

const { jobAttempt, jobRun, workerHeartbeat } = schema

/** How long a job may take, by its kind; null for one that only another version knows. */
const deadlineSeconds = sql`case ${jobRun.kind} ${sql.join(
  Object.values(JOBS).map(({ name, deadlineMs }) => sql`when ${name} then ${deadlineMs / 1000}::integer`),
  sql` `,
)} end`

/**
 * Jobs that count as queued or running, and that the queue does not have any more: its row was deleted by hand, or stayed
 * behind in another database. What waited waits again; what ran is over, where its worker is gone, or lives and can no longer
 * be at it.
 */
export const repairJobs = async ({
  database,
  logger,
}: Pick<CronDeps, 'database' | 'logger'>): Promise<{ job: number; jobEnded: number }> => {
  const look = (after: { created: string; id: string } | null) =>
    database.system(async (tx) => {
      const isAlive = sql`exists (select from ${workerHeartbeat} h where h.pool_id = ${jobRun.worker}
      and h.seen_at > now() - ${UNTOUCHED_SECONDS} * interval '1 second')`
      // It says where it is only when that changes, which in a long stage is not for many minutes.
      const isOverdue = sql`(select a.created_at < now() - (${deadlineSeconds} + ${LATE_SECONDS}) * interval '1 second'
        from ${jobAttempt} a where a.org_id = ${jobRun.orgId} and a.job_run_id = ${jobRun.id} and a.attempt = ${jobRun.attempt})`
      const rows = await tx
        .select({
          orgId: jobRun.orgId,
          id: jobRun.id,
          jobId: jobRun.jobId,
          state: jobRun.state,
          attempt: jobRun.attempt,
          created: sql<string>`${jobRun.enqueuedAt}::text`,
        })
        .from(jobRun)
        .where(
          and(
            inArray(jobRun.state, ['queued', 'running']),
            isNotNull(jobRun.jobId),
            sql`${jobRun.updatedAt} < now() - ${UNTOUCHED_SECONDS} * interval '1 second'`,
            sql`not (${jobRun.state} = 'running' and ${isAlive} and not coalesce(${isOverdue}, false))`,
            after === null
              ? undefined
              : sql`(${jobRun.enqueuedAt}, ${jobRun.id}) > (${after.created}::timestamptz, ${after.id}::uuid)`,
          ),
        )
        .orderBy(asc(jobRun.enqueuedAt), asc(jobRun.id))
        .limit(MOST)
      if (rows.length === 0) return { rows, missing: [] }
      const ids = sql.param(rows.map(({ id }) => id))
      const jobs = sql.param(rows.map(({ jobId }) => jobId))
      const found = (await tx.execute(
        sql`select id::text as id from queue_missing(${ids}::uuid[], ${jobs}::text[]::bigint[]) as id`,
      )) as { id: string }[]
      const gone = new Set(found.map(({ id }) => id))
      return { rows, missing: rows.filter(({ id }) => gone.has(id)) }
    })
  const counts = { job: 0, jobEnded: 0 }
  const repair = async ({
    orgId,
    id,
    jobId,
    state,
    attempt,
  }: Awaited<ReturnType<typeof look>>['missing'][number]): Promise<void> => {
    const org = orgIdSchema.parse(orgId)
    await database.tenant({ kind: 'system', id: null, orgId: org, role: 'owner' }).tx(async (tx) => {
      if (state === 'queued') {
        const [row] = (await tx.execute(sql`select app_job_missing(${id}::uuid, ${jobId}::text) as put`)) as {
          put: boolean
        }[]
        if (row?.put) counts.job++
        return
      }
      const ended = await tx
        .update(jobRun)
        .set({
          state: 'failed',
          errorClass: 'worker_lost',
          errorMessage: 'Nobody works on it any more, and the queue does not know it.',
          finishedAt: sql`clock_timestamp()`,
          updatedAt: sql`clock_timestamp()`,
          jobId: null,
        })
        .where(and(eq(jobRun.orgId, org), eq(jobRun.id, id), eq(jobRun.state, 'running'), eq(jobRun.attempt, attempt)))
        .returning({ kind: jobRun.kind })
      for (const { kind } of ended) {
        counts.jobEnded++
        await tx.execute(sql`select app_admit_jobs(${kind})`)
        await tx.execute(sql`select app_tell_job(${id}::uuid)`)
      }
    })
  }
  let after: { created: string; id: string } | null = null
  do {
    const { rows, missing } = await look(after)
    await oneByOne(missing, repair, logger, 'a job could not be repaired; it is tried again')
    after = rows.length < MOST ? null : (rows.at(-1) ?? null)
  } while (after !== null)
  return counts
}
