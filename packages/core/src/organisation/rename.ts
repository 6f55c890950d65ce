import { eq } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { authSchema, emitSignal } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import type { VerbContext } from '../context.ts'

export const renameOrganisation = (ctx: VerbContext, input: { name: string }): Promise<{ id: OrgId; name: string }> => {
  authorise(ctx, 'organisation.manage')
  const { orgId } = ctx.actor
  const { organization } = authSchema
  return auditedWrite(ctx.deps.database, ctx.actor, async (tx) => {
    await takeTurn(tx, ctx.actor, 'organisation.manage')
    const [before] = await tx.select({ name: organization.name }).from(organization).where(eq(organization.id, orgId))
    const result = { id: orgId, name: input.name }
    if (before?.name === input.name) return { result, audit: null }
    await tx.update(organization).set({ name: input.name }).where(eq(organization.id, orgId))
    return {
      result,
      audit: {
        actor: ctx.actor,
        action: 'organisation.rename',
        subjectKind: 'organisation',
        subjectId: orgId,
        details: { from: before?.name, to: input.name },
        requestId: ctx.requestId,
      },
      // Everybody's: the name is on every page.
      inOrganisation: (tenantTx) => emitSignal(tenantTx, 'member', orgId),
    }
  })
}
