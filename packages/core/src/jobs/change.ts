import { and, eq, inArray, sql, type SQL } from 'drizzle-orm'
import { FAILURES } from '@quarry/contracts'
import { emitSignals, schema, type TenantTx } from '@quarry/db'
import { JOBS } from '@quarry/jobs'
import { z } from 'zod'
import { WAITING } from '../documents/complete.ts'
import { actionsOn, isRetryable } from './actions.ts'
import type { HeldJob } from './held-jobs.ts'

const { documentVersion } = schema

/**
 * Puts jobs in line again, and makes the versions wait that they are about. Returns those that are: not one whose version
 * was read or deleted meanwhile. Every statement is one for all of them.
 */
export const retryHeld = async (tx: TenantTx, orgId: string, jobs: readonly HeldJob[]): Promise<HeldJob[]> => {
  const wanted = jobs.filter(isRetryable)
  const failed = wanted.filter(({ kind }) => kind === 'document.process')
  const reset = await changeVersions(tx, orgId, failed, eq(documentVersion.state, 'failed'), WAITING)
  const waiting = wanted.filter(({ kind, subjectId }) => kind !== 'document.process' || reset.has(subjectId ?? ''))
  for (const [kind, { maxAttempts }] of Object.entries(JOBS)) {
    const ids = waiting.filter((job) => job.kind === kind).map(({ id }) => id)
    if (ids.length > 0)
      await tx.execute(
        sql`select app_retry_job(id, ${maxAttempts}) from unnest(${sql.param(`{${ids.join(',')}}`)}::uuid[]) id`,
      )
  }
  await tellOfDocuments(tx, waiting)
  return waiting
}

/**
 * Takes a job out of the line and ends what it was about, or asks its worker to do both, which it does within two seconds.
 * False where there was nothing to do.
 */
export const cancelHeld = async (tx: TenantTx, orgId: string, job: HeldJob): Promise<boolean> => {
  if (!actionsOn(job).includes('cancel')) return false
  const [{ state }] = cancelled.parse(await tx.execute(sql`select app_cancel_job(${job.id}::uuid) as state`))
  // Its worker looks each second.
  if (state === 'running') return true
  if (state !== 'cancelled') return false
  await endSubject(tx, orgId, job)
  await tellOfDocuments(tx, [job])
  return true
}

const cancelled = z.tuple([z.object({ state: z.string().nullable() })])

/** Lower runs first, among the jobs of the organisation. False where it is so already, or runs, or is over. */
export const prioritiseHeld = async (tx: TenantTx, job: HeldJob, priority: number): Promise<boolean> => {
  if (!actionsOn(job).includes('prioritise') || job.priority === priority) return false
  const [{ changed }] = prioritised.parse(
    await tx.execute(sql`select app_prioritise_job(${job.id}::uuid, ${priority}::integer) as changed`),
  )
  return changed
}

const prioritised = z.tuple([z.object({ changed: z.boolean() })])

/** A version must not look for ever as if somebody were working on it. */
const endSubject = async (tx: TenantTx, orgId: string, job: HeldJob): Promise<void> => {
  if (job.kind === 'document.process')
    await changeVersions(tx, orgId, [job], inArray(documentVersion.state, ['uploaded', 'parsing']), {
      state: 'failed',
      stage: null,
      errorCode: 'cancelled',
      errorText: FAILURES.cancelled.message,
      // Fences off whoever may still be writing it.
      attempt: sql`${documentVersion.attempt} + 1`,
    })
  // Its model stays named: where it is not, the next look for versions without an index would ask for the job again.
  if (job.kind === 'document.embed')
    await changeVersions(tx, orgId, [job], sql`${documentVersion.semantic} < 100`, { semantic: null })
}

type VersionChange = Parameters<ReturnType<TenantTx['update']>['set']>[0]

/** Of the versions that these jobs are about, those that could be changed. */
const changeVersions = async (
  tx: TenantTx,
  orgId: string,
  jobs: readonly HeldJob[],
  which: SQL,
  change: VersionChange,
): Promise<ReadonlySet<string>> => {
  const ids = jobs.flatMap(({ subjectId }) => subjectId ?? [])
  if (ids.length === 0) return new Set()
  const changed = await tx
    .update(documentVersion)
    .set({ ...change, updatedAt: sql`now()` })
    .where(and(eq(documentVersion.orgId, orgId), inArray(documentVersion.id, ids), which))
    .returning({ id: documentVersion.id })
  return new Set(changed.map(({ id }) => id))
}

const tellOfDocuments = (tx: TenantTx, jobs: readonly HeldJob[]): Promise<void> =>
  emitSignals(
    tx,
    [...new Set(jobs.flatMap(({ documentId }) => documentId ?? []))].map((subjectId) => ({
      topic: 'document',
      subjectId,
    })),
  )
