import { eq, inArray, like, sql } from 'drizzle-orm'
import { removeOrganisationKeys } from '@quarry/cache'
import type { OrgId } from '@quarry/contracts'
import { authSchema, deleteTenantRows, readTenantRows, schema, type Database } from '@quarry/db'
import { systemActor } from '../accounts/system-actor.ts'
import type { CronDeps } from '../cron/task.ts'

/** Rows of one transaction: some hundredths of a second, in which the embedded database serves nobody else. */
const ROWS_TOGETHER = 2_000

/** What went, by kind. */
export interface Removed {
  readonly rows: number
  /** Objects of the store: blobs, and what was uploaded in part. */
  readonly blobs: number
  /** In Redis. */
  readonly keys: number
  readonly jobs: number
}

const { apikey, organization, session } = authSchema
const { cacheOutbox, cacheVersion, featureFlag, organisationLimit, processLease } = schema

/**
 * Deletes everything of an organisation whose deletion has begun, in short transactions; can be ended at any moment and
 * called again. Jobs first, so that nobody works on what goes; its name and its members last, so that they are told that it
 * is being deleted for as long as it is.
 */
export const removeOrganisation = async (
  { database, blobs, redis }: Pick<CronDeps, 'database' | 'blobs' | 'redis'>,
  orgId: OrgId,
  signal: AbortSignal,
): Promise<Removed> => {
  const jobs = await forgetJobs(database, orgId)
  let rows = 0
  for (const table of await readTenantRows(database))
    for (let gone = ROWS_TOGETHER; gone === ROWS_TOGETHER; rows += gone) {
      signal.throwIfAborted()
      gone = await deleteTenantRows(database, table, orgId, ROWS_TOGETHER)
    }
  const objects = await blobs.removeOrganisation(orgId, signal)
  const keyIds = await keysOf(database, orgId)
  rows += await removeAccounts(database, orgId)
  rows += await removeSettings(database, [orgId, ...keyIds], orgId)
  const keys = redis === null ? 0 : await removeOrganisationKeys(redis, orgId, signal)
  return { rows, blobs: objects, keys, jobs }
}

const forgetJobs = (database: Database, orgId: OrgId): Promise<number> =>
  database.tenant(systemActor(orgId)).tx(async (tx) => {
    const [row] = (await tx.execute(sql`select queue_forget() as n`)) as { n: number }[]
    return row?.n ?? 0
  })

const keysOf = async ({ auth }: Pick<Database, 'auth'>, orgId: OrgId): Promise<string[]> => {
  const keys = await auth.select({ id: apikey.id }).from(apikey).where(eq(apikey.referenceId, orgId))
  return keys.map(({ id }) => id)
}

/** The organisation, its members, invitations and keys. The people stay: they may be members elsewhere. */
const removeAccounts = (database: Pick<Database, 'accounts'>, orgId: OrgId): Promise<number> =>
  database.accounts(async (tx) => {
    const keys = await tx.delete(apikey).where(eq(apikey.referenceId, orgId)).returning({ id: apikey.id })
    await tx.update(session).set({ activeOrganizationId: null }).where(eq(session.activeOrganizationId, orgId))
    // Members and invitations go with it.
    const gone = await tx.delete(organization).where(eq(organization.id, orgId)).returning({ id: organization.id })
    return keys.length + gone.length
  })

/** What the operator had set for it, and counts of what was kept of it and of its keys. Last: the deletions above count. */
const removeSettings = (
  database: Pick<Database, 'system'>,
  subjectIds: readonly string[],
  orgId: OrgId,
): Promise<number> =>
  database.system(async (tx) => {
    const ids = [...subjectIds]
    const gone = [
      await tx.delete(featureFlag).where(eq(featureFlag.subjectId, orgId)).returning({ id: featureFlag.subjectId }),
      await tx
        .delete(organisationLimit)
        .where(eq(organisationLimit.subjectId, orgId))
        .returning({ id: organisationLimit.subjectId }),
    ]
    await tx.delete(processLease).where(like(processLease.name, `blob:${orgId}/%`))
    await tx.delete(cacheOutbox).where(inArray(cacheOutbox.subjectId, ids))
    await tx.delete(cacheVersion).where(inArray(cacheVersion.subjectId, ids))
    return gone.flat().length
  })
