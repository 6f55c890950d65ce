import { asc, eq, gt, sql } from 'drizzle-orm'
import { orgId as orgIdSchema, type OrgId } from '@quarry/contracts'
import { authSchema, schema, type Database } from '@quarry/db'
import { stopAllRuns } from '../access/stop-runs.ts'
import { systemActor } from '../accounts/system-actor.ts'
import { cancelHeld } from '../jobs/change.ts'
import { holdUnfinished } from '../jobs/held-jobs.ts'
import { removeOrganisation, type Removed } from '../organisation/remove.ts'
import type { Counts } from './runs.ts'
import type { CronTask } from './task.ts'

/** Jobs of one transaction: a tenth of a second of the embedded database. */
const JOBS_TOGETHER = 20
/**
 * Who was let in a moment before may still have written when all was deleted: an upload that took an hour, a worker that
 * was frozen. So it is looked again, each hour of the day after.
 */
const LOOKED_AGAIN_FOR = sql`interval '1 day'`
const LOOKED_AGAIN_EVERY = sql`interval '1 hour'`

const { organization } = authSchema
const { organisationDeletion } = schema

/**
 * Ends the jobs and answers of organisations that are closed, and deletes everything of those that can no longer be opened
 * again. What was stopped, or died, goes on with the next time where it was. One that fails keeps no other from it; the
 * last failure is thrown at the end.
 */
export const removeDeletedOrganisations: CronTask = async (deps, signal) => {
  const { database, logger } = deps
  const counts: Record<keyof Removed | 'organisations' | 'cancelled', number> = {
    ...{ organisations: 0, cancelled: 0, rows: 0, blobs: 0, keys: 0, jobs: 0 },
  }
  let failure: { readonly error: unknown } | null = null
  const each = async (ids: readonly OrgId[], work: (orgId: OrgId) => Promise<void>): Promise<void> => {
    for (const orgId of ids) {
      signal.throwIfAborted()
      try {
        await work(orgId)
      } catch (error) {
        signal.throwIfAborted()
        failure = { error }
        logger.warn({ err: error, orgId }, 'a workspace could not be deleted yet; it is tried again')
      }
    }
  }
  await database.system((tx) => tx.execute(sql`select begin_organisation_deletions()`))
  await each(await closedOnes(database), async (orgId) => {
    counts.cancelled += await endWork(database, orgId, signal)
  })
  await each(await openDeletions(database), async (orgId) => {
    const removed = await removeOrganisation(deps, orgId, signal)
    for (const [kind, n] of Object.entries(removed)) counts[kind as keyof Removed] += n
    if (await noteLook(database, orgId, removed)) counts.organisations++
  })
  if (failure !== null) throw (failure as { readonly error: unknown }).error
  return counts satisfies Counts
}

/** Those that can still be opened again. */
const closedOnes = async ({ auth }: Pick<Database, 'auth'>): Promise<OrgId[]> => {
  const rows = await auth
    .select({ id: organization.id })
    .from(organization)
    .where(gt(organization.deleteAt, sql`now()`))
    .orderBy(asc(organization.deleteAt))
  return rows.map(({ id }) => orgIdSchema.parse(id))
}

/** Those whose deletion has begun: what is left of it, and whether somebody came late. */
const openDeletions = (database: Pick<Database, 'system'>): Promise<OrgId[]> =>
  database.system(async (tx) => {
    const { beganAt, finishedAt, lookedAt, subjectId } = organisationDeletion
    const rows = await tx
      .select({ id: subjectId })
      .from(organisationDeletion)
      .where(
        sql`${finishedAt} is null or (${finishedAt} > now() - ${LOOKED_AGAIN_FOR} and ${lookedAt} < now() - ${LOOKED_AGAIN_EVERY})`,
      )
      .orderBy(asc(beganAt))
    return rows.map(({ id }) => orgIdSchema.parse(id))
  })

/** Whatever was let in just before it was closed. Returns how many jobs it ended, or asked to end. */
const endWork = async (database: Database, orgId: OrgId, signal: AbortSignal): Promise<number> => {
  const own = database.tenant(systemActor(orgId))
  await own.tx((tx) => stopAllRuns(tx, orgId))
  for (let ended = 0; ;) {
    signal.throwIfAborted()
    const held = await own.tx(async (tx) => {
      const jobs = await holdUnfinished(tx, orgId, JOBS_TOGETHER)
      for (const job of jobs) await cancelHeld(tx, orgId, job)
      return jobs.length
    })
    ended += held
    if (held < JOBS_TOGETHER) return ended
  }
}

/** Adds up what went. True the first time that it is through. */
const noteLook = (database: Pick<Database, 'system'>, orgId: OrgId, removed: Removed): Promise<boolean> =>
  database.system(async (tx) => {
    const [row] = await tx
      .select({ counts: organisationDeletion.counts, finishedAt: organisationDeletion.finishedAt })
      .from(organisationDeletion)
      .where(eq(organisationDeletion.subjectId, orgId))
      .for('update')
    const sum = Object.fromEntries(Object.entries(removed).map(([kind, n]) => [kind, n + (row?.counts[kind] ?? 0)]))
    await tx
      .update(organisationDeletion)
      .set({
        counts: sum,
        lookedAt: sql`now()`,
        finishedAt: sql`coalesce(${organisationDeletion.finishedAt}, now())`,
      })
      .where(eq(organisationDeletion.subjectId, orgId))
    return row?.finishedAt === null
  })
