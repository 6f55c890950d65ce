import { and, eq } from 'drizzle-orm'
import { AppError, role as roleSchema, type Actor, type OrgId } from '@quarry/contracts'
import { authSchema, emitSignal } from '@quarry/db'
import { auditedWrite } from '../accounts/audited-write.ts'
import { lockOrganisation } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { PersonContext } from '../context.ts'
import { retryCancelledSince } from '../jobs/retry-cancelled.ts'
import { reopenOrganisation } from './close.ts'

const { member, organization } = authSchema

/**
 * Opens a closed organisation again, as it was: its members, keys and files, and what was in the queue. One that is open
 * stays so. Throws AppError('not_found') for who is no member, ('forbidden') for who is no owner, ('conflict') where it is
 * too late.
 */
export const restoreOrganisation = async (ctx: PersonContext, input: { id: OrgId }): Promise<{ id: OrgId }> => {
  const { deps, person, requestId } = ctx
  const { id } = input
  const closedAt = await auditedWrite(deps.database, systemActor(id), async (tx) => {
    await lockOrganisation(tx, id)
    const [own] = await tx
      .select({ role: member.role, closedAt: organization.closedAt })
      .from(member)
      .innerJoin(organization, eq(organization.id, member.organizationId))
      .where(and(eq(member.organizationId, id), eq(member.userId, person.userId)))
    if (!own) throw new AppError('not_found')
    if (roleSchema.parse(own.role) !== 'owner')
      throw new AppError('forbidden', {
        message: 'Only an owner can open this workspace again.',
        action: 'Ask one of its owners.',
      })
    if (own.closedAt === null) return { result: null, audit: null }
    const closedAt = await reopenOrganisation(tx, id)
    if (closedAt === null)
      throw new AppError('conflict', {
        message: 'This workspace is being deleted: it is too late to open it again.',
        action: 'Ask who runs this server whether there is a backup.',
      })
    const actor: Actor = { kind: 'user', id: person.userId, orgId: id, role: 'owner' }
    return {
      result: closedAt,
      audit: { actor, action: 'organisation.restore', subjectKind: 'organisation', subjectId: id, requestId },
      inOrganisation: (tenantTx) => emitSignal(tenantTx, 'member', id),
    }
  })
  if (closedAt !== null) await retryCancelledSince(deps.database, id, closedAt)
  return { id }
}
