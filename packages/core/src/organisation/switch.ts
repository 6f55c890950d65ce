import { and, eq } from 'drizzle-orm'
import { AppError, orgId as orgIdSchema, role as roleSchema, type Actor, type OrgId } from '@quarry/contracts'
import { authSchema, emitSignal } from '@quarry/db'
import { auditedWrite } from '../accounts/audited-write.ts'
import type { PersonContext } from '../context.ts'

/**
 * This session works in another organisation of the person's from now on; their other sessions stay where they are.
 * Throws AppError('not_found') for one that they are no member of, ('closed') for one that is to be deleted.
 */
export const switchOrganisation = async (ctx: PersonContext, input: { id: OrgId }): Promise<{ id: OrgId }> => {
  const { deps, person, requestId } = ctx
  const { database } = deps
  const { member, organization, session } = authSchema
  const [row] = await database.auth
    .select({ role: member.role, closedAt: organization.closedAt })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .where(and(eq(member.organizationId, input.id), eq(member.userId, person.userId)))
  if (!row) throw new AppError('not_found')
  if (row.closedAt !== null) throw new AppError('closed')
  const actor: Actor = { kind: 'user', id: person.userId, orgId: input.id, role: roleSchema.parse(row.role) }
  const own = and(eq(session.id, person.sessionId), eq(session.userId, person.userId))
  const before = await auditedWrite(database, actor, async (tx) => {
    const [before] = await tx.select({ orgId: session.activeOrganizationId }).from(session).where(own).for('update')
    if (!before) throw new AppError('unauthenticated')
    await tx.update(session).set({ activeOrganizationId: input.id }).where(own)
    return {
      result: before.orgId,
      audit:
        before.orgId === input.id
          ? null
          : {
              actor,
              action: 'organisation.switch',
              subjectKind: 'organisation',
              subjectId: input.id,
              requestId,
            },
    }
  })
  await tellOtherTabs(ctx, orgIdSchema.safeParse(before).data, input.id)
  return { id: input.id }
}

/** What the session's other tabs have open in the organisation of before opens again, in the new one. */
const tellOtherTabs = async ({ deps, person }: PersonContext, from: OrgId | undefined, to: OrgId): Promise<void> => {
  if (from === undefined || from === to) return
  await deps.database
    .tenant({ kind: 'user', id: person.userId, orgId: from, role: 'viewer' })
    .tx((tx) => emitSignal(tx, 'access', person.userId))
}
