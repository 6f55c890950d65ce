import { and, eq } from 'drizzle-orm'
import { AppError, type ApiKeyId } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import type { VerbContext } from '../context.ts'
import { KEY_CONFIG_ID } from './key-row.ts'

/** From the next request on (a second later at most) the key opens nothing. Throws AppError('not_found'). */
export const revokeKey = async (ctx: VerbContext, input: { id: ApiKeyId }): Promise<{ id: ApiKeyId }> => {
  authorise(ctx, 'keys.manage')
  const { apikey } = authSchema
  return auditedWrite(ctx.deps.database, ctx.actor, async (tx) => {
    const deleted = await tx
      .delete(apikey)
      .where(and(eq(apikey.configId, KEY_CONFIG_ID), eq(apikey.referenceId, ctx.actor.orgId), eq(apikey.id, input.id)))
      .returning({ id: apikey.id })
    if (deleted.length === 0) throw new AppError('not_found')
    return {
      result: { id: input.id },
      audit: {
        actor: ctx.actor,
        action: 'key.revoke',
        subjectKind: 'api_key',
        subjectId: input.id,
        requestId: ctx.requestId,
      },
    }
  })
}
