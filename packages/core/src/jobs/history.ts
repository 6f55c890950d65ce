import { and, eq, inArray, lt, sql } from 'drizzle-orm'
import { schema, newId, type Database, type SystemTx, type TenantDb } from '@quarry/db'

const { jobRun } = schema

export interface JobRunStart {
  readonly jobId: string
  readonly kind: string
  readonly subjectId: string
  readonly attempt: number
  /** The worker pool that runs it. */
  readonly worker: string
}

export type JobRunEnd = 'succeeded' | 'failed' | 'retrying'

/** Notes that a job was taken up. Returns the note's id. */
export const recordJobStart = (tenantDb: TenantDb, start: JobRunStart): Promise<string> =>
  tenantDb.tx(async (tx) => {
    const id = newId()
    await tx.insert(jobRun).values({ orgId: tenantDb.actor.orgId, id, state: 'running', ...start })
    return id
  })

/** @param errorClass name or code of what went wrong, never its text: that may hold a document's. */
export const recordJobEnd = (tenantDb: TenantDb, id: string, state: JobRunEnd, errorClass: string | null) =>
  tenantDb.tx(async (tx) => {
    await tx
      .update(jobRun)
      .set({ state, errorClass, finishedAt: new Date() })
      .where(and(eq(jobRun.orgId, tenantDb.actor.orgId), eq(jobRun.id, id)))
  })

/** Marks what dead worker pools were running as lost. */
export const recordLostJobs = (database: Database, deadWorkers: readonly string[]): Promise<void> =>
  database.system(async (tx) => {
    await tx
      .update(jobRun)
      .set({ state: 'failed', errorClass: 'worker_lost', finishedAt: new Date() })
      .where(and(eq(jobRun.state, 'running'), inArray(jobRun.worker, [...deadWorkers])))
  })

/** A month answers “what happened to my file”; the audit log keeps what must be kept longer. */
const KEPT_DAYS = 30

export const pruneJobHistory = async (tx: SystemTx): Promise<void> => {
  await tx.delete(jobRun).where(lt(jobRun.startedAt, sql`now() - ${KEPT_DAYS} * interval '1 day'`))
}
