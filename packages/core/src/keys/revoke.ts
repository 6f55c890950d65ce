import { and, eq } from 'drizzle-orm'
import { AppError, type ApiKeyId } from '@quarry/contracts'
import { authSchema, emitSignal } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { endGrants } from '../access/end-grants.ts'
import { stopRunsOf } from '../access/stop-runs.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { takeTurn } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { VerbContext } from '../context.ts'
import { KEY_CONFIG_ID } from './key-row.ts'

/** A second later at most the key opens nothing, and what it had open ends. Throws AppError('not_found'). */
export const revokeKey = async (ctx: VerbContext, input: { id: ApiKeyId }): Promise<{ id: ApiKeyId }> => {
  authorise(ctx, 'keys.manage')
  const { apikey } = authSchema
  const { orgId } = ctx.actor
  return auditedWrite(ctx.deps.database, systemActor(orgId), async (tx) => {
    await takeTurn(tx, ctx.actor, 'keys.manage')
    const deleted = await tx
      .delete(apikey)
      .where(and(eq(apikey.configId, KEY_CONFIG_ID), eq(apikey.referenceId, orgId), eq(apikey.id, input.id)))
      .returning({ name: apikey.name })
    const [key] = deleted
    if (!key) throw new AppError('not_found')
    return {
      result: { id: input.id },
      audit: {
        actor: ctx.actor,
        action: 'key.revoke',
        subjectKind: 'api_key',
        subjectId: input.id,
        details: { name: key.name },
        requestId: ctx.requestId,
      },
      inOrganisation: async (tenantTx) => {
        await stopRunsOf(tenantTx, orgId, input.id)
        await endGrants(tenantTx, orgId, [input.id])
        await emitSignal(tenantTx, 'access', input.id)
      },
    }
  })
}
