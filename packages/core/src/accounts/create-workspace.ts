import { asc, eq, sql } from 'drizzle-orm'
import { AppError, orgId as orgIdSchema, userId as userIdSchema, type Actor, type OrgId } from '@quarry/contracts'
import { authSchema, schema, newId } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import { auditedWrite } from './audited-write.ts'

/** Where a first file can be dropped without creating anything before. */
const FIRST_COLLECTION = 'Documents'

/**
 * The organisation that a person is in, made for them when there is none: they own it. Called at every sign-in, so that
 * a crash in the middle of a sign-up leaves nobody without a workspace.
 */
export const ensureWorkspace = async (
  { database }: Pick<CoreDeps, 'database'>,
  person: { readonly userId: string; readonly workspaceName: string; readonly requestId: string },
): Promise<OrgId> => {
  const { member, organization } = authSchema
  const { collection } = schema
  const [existing] = await database.auth
    .select({ id: member.organizationId })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .where(eq(member.userId, person.userId))
    // Who has only closed ones gets none before those are deleted: an owner is to see that they can open theirs again.
    .orderBy(sql`${organization.closedAt} is not null`, asc(member.createdAt), asc(member.id))
    .limit(1)
  if (existing) return orgIdSchema.parse(existing.id)
  const name = person.workspaceName.trim().slice(0, 120)
  if (name === '') throw new AppError('invalid_input', { details: { fields: { workspace: ['is empty'] } } })
  const orgId = orgIdSchema.parse(newId())
  const owner: Actor = { kind: 'user', id: userIdSchema.parse(person.userId), orgId, role: 'owner' }
  return auditedWrite(database, owner, async (tx) => {
    // Nothing shows the slug; it is there because better-auth's table wants a unique one.
    await tx.insert(organization).values({ id: orgId, name, slug: orgId })
    await tx.insert(member).values({ id: newId(), organizationId: orgId, userId: person.userId, role: 'owner' })
    return {
      result: orgId,
      audit: {
        actor: owner,
        action: 'organisation.create',
        subjectKind: 'organisation',
        subjectId: orgId,
        requestId: person.requestId,
      },
      inOrganisation: async (tenantTx) => {
        await tenantTx
          .insert(collection)
          .values({ orgId, id: newId(), name: FIRST_COLLECTION, visibility: 'organisation', createdBy: person.userId })
      },
    }
  })
}
