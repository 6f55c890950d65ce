import { eq } from 'drizzle-orm'
import { AppError, type OrgId } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { requestCron } from '../cron/request.ts'
import { closeOrganisation } from './close.ts'

/**
 * Closes the organisation for everybody at once, and has it deleted with all that it has when its owners can no longer
 * open it again. Throws AppError('invalid_input') unless `name` is its name.
 */
export const deleteOrganisation = async (
  ctx: VerbContext,
  input: { name: string },
): Promise<{ id: OrgId; deleteAt: string }> => {
  authorise(ctx, 'organisation.manage')
  const { actor, deps } = ctx
  if (actor.kind !== 'user') throw new AppError('forbidden')
  const { orgId } = actor
  const { organization } = authSchema
  const hours = deps.limits.workspaceDeletionHours
  const deleteAt = await auditedWrite(deps.database, systemActor(orgId), async (tx) => {
    await takeTurn(tx, actor, 'organisation.manage')
    const [found] = await tx.select({ name: organization.name }).from(organization).where(eq(organization.id, orgId))
    if (found?.name.trim() !== input.name)
      throw new AppError('invalid_input', {
        message: 'This is not the name of the workspace.',
        action: 'Type the name as it stands, capital letters included.',
        details: { fields: { name: ['is not the name of the workspace'] } },
      })
    const { deleteAt, inOrganisation } = await closeOrganisation(tx, { orgId, by: actor.id, hours })
    return {
      result: deleteAt,
      audit: {
        actor,
        action: 'organisation.delete',
        subjectKind: 'organisation',
        subjectId: orgId,
        details: { hours },
        requestId: ctx.requestId,
      },
      inOrganisation,
    }
  })
  deps.logger.info({ orgId, deleteAt }, 'a workspace was closed, and will be deleted')
  // Its jobs end now rather than with the next round of the clock, which comes anyway.
  await requestCron(deps, 'deleted-organisations', actor.id).catch((err: unknown) =>
    deps.logger.warn({ err }, 'the jobs of a closed workspace end in some minutes'),
  )
  return { id: orgId, deleteAt: deleteAt.toISOString() }
}
