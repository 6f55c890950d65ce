import { desc, eq } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { authSchema, schema, type AuditEntry, type Database } from '@quarry/db'
import { auditedWrite } from '../accounts/audited-write.ts'
import { lockOrganisation } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import { retryCancelledSince } from '../jobs/retry-cancelled.ts'
import { closeOrganisation, reopenOrganisation } from './close.ts'

const { organization } = authSchema

export type OrganisationDeletion = typeof schema.organisationDeletion.$inferSelect

/** What the operator is left with, the newest first. */
export const listDeletions = (database: Pick<Database, 'system'>): Promise<OrganisationDeletion[]> =>
  database.system((tx) =>
    tx.select().from(schema.organisationDeletion).orderBy(desc(schema.organisationDeletion.beganAt)),
  )

/** On the machine nobody is signed in: the log of the workspace says which of its users it was. */
const entryOf = (orgId: OrgId, action: 'organisation.delete' | 'organisation.restore', user: string): AuditEntry => ({
  actor: systemActor(orgId),
  action,
  subjectKind: 'organisation',
  subjectId: orgId,
  details: { by: user },
  requestId: null,
})

const stateOf = async ({ auth }: Pick<Database, 'auth'>, orgId: OrgId) => {
  const [row] = await auth
    .select({ deleteAt: organization.deleteAt })
    .from(organization)
    .where(eq(organization.id, orgId))
  return row
}

/** Closes it, or brings its end forward. False when that changes nothing. */
export const closeFromDesk = async (
  database: Database,
  orgId: OrgId,
  hours: number,
  user: string,
): Promise<boolean> => {
  const before = await stateOf(database, orgId)
  if (before === undefined) return false
  const isSooner = before.deleteAt === null || before.deleteAt.getTime() > Date.now() + hours * 3_600_000
  if (!isSooner) return false
  await auditedWrite(database, systemActor(orgId), async (tx) => {
    await lockOrganisation(tx, orgId)
    const { inOrganisation } = await closeOrganisation(tx, { orgId, by: null, hours })
    return { result: null, audit: entryOf(orgId, 'organisation.delete', user), inOrganisation }
  })
  return true
}

export const reopenFromDesk = async (database: Database, orgId: OrgId, user: string): Promise<boolean | 'late'> => {
  const before = await stateOf(database, orgId)
  if (before === undefined) return 'late'
  if (before.deleteAt === null) return false
  const closedAt = await auditedWrite(database, systemActor(orgId), async (tx) => {
    await lockOrganisation(tx, orgId)
    const reopened = await reopenOrganisation(tx, orgId)
    return { result: reopened, audit: reopened && entryOf(orgId, 'organisation.restore', user) }
  })
  if (closedAt === null) return 'late'
  await retryCancelledSince(database, orgId, closedAt)
  return true
}
