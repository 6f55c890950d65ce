import { AppError, MOST_KEYS, outranks, type createKeyInput, type createKeyOutput } from '@quarry/contracts'
import { authSchema, newId } from '@quarry/db'
import { and, count, eq } from 'drizzle-orm'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import { requireRoom } from '../access/require-room.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { KEY_PREFIX, newKeySecret, writeKeyMetadata } from '../accounts/key-secret.ts'
import { takeTurn } from '../accounts/standing.ts'
import type { VerbContext } from '../context.ts'
import { KEY_CONFIG_ID, toApiKey } from './key-row.ts'
import { readMakers } from './makers.ts'

const DAY_MS = 86_400_000

/** The secret is in the reply and nowhere else. Throws AppError('forbidden') for a role above the caller's own, ('conflict') where there is room for no more. */
export const createKey = async (
  ctx: VerbContext,
  input: z.infer<typeof createKeyInput>,
): Promise<z.infer<typeof createKeyOutput>> => {
  authorise(ctx, 'keys.manage')
  const { actor } = ctx
  if (actor.kind === 'system') throw new AppError('forbidden')
  const madeBy = { kind: actor.kind, id: actor.id }
  const { secret, hash, start } = newKeySecret()
  const { apikey } = authSchema
  const id = newId()
  const { row, makers } = await auditedWrite(ctx.deps.database, actor, async (tx) => {
    const own = await takeTurn(tx, actor, 'keys.manage')
    if (outranks(input.role, own)) throw new AppError('forbidden', { message: 'This role is above yours.' })
    const [there] = await tx
      .select({ n: count() })
      .from(apikey)
      .where(and(eq(apikey.configId, KEY_CONFIG_ID), eq(apikey.referenceId, actor.orgId)))
    requireRoom(there?.n ?? 0, MOST_KEYS, { things: 'keys', action: 'Revoke one that nothing uses any more.' })
    const [row] = await tx
      .insert(apikey)
      .values({
        id,
        configId: KEY_CONFIG_ID,
        referenceId: actor.orgId,
        name: input.name,
        prefix: KEY_PREFIX,
        start,
        key: hash,
        metadata: writeKeyMetadata({ role: input.role, madeBy }),
        // The plugin's own limit is ten requests a day.
        rateLimitEnabled: false,
        expiresAt: input.expiresInDays == null ? null : new Date(Date.now() + input.expiresInDays * DAY_MS),
      })
      .returning()
    if (!row) throw new Error('the key was not stored')
    return {
      result: { row, makers: await readMakers(tx, actor.orgId, [row]) },
      audit: {
        actor,
        action: 'key.create',
        subjectKind: 'api_key',
        subjectId: id,
        details: { name: input.name, role: input.role },
        requestId: ctx.requestId,
      },
    }
  })
  return { key: toApiKey(row, makers), secret }
}
