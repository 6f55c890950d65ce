import { AppError, role, type createKeyInput, type createKeyOutput } from '@quarry/contracts'
import { authSchema, newId } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import { auditedWrite } from '../accounts/audited-write.ts'
import { KEY_PREFIX, newKeySecret, writeKeyMetadata } from '../accounts/key-secret.ts'
import type { VerbContext } from '../context.ts'
import { KEY_CONFIG_ID, toApiKey } from './key-row.ts'

const DAY_MS = 86_400_000
/** Roles from the one that may most to the one that may least. */
const RANKED = role.options

/** The secret is in the reply and nowhere else. Throws AppError('forbidden') for a role above the caller's own. */
export const createKey = async (
  ctx: VerbContext,
  input: z.infer<typeof createKeyInput>,
): Promise<z.infer<typeof createKeyOutput>> => {
  authorise(ctx, 'keys.manage')
  if (RANKED.indexOf(input.role) < RANKED.indexOf(ctx.actor.role)) throw new AppError('forbidden')
  const { secret, hash, start } = newKeySecret()
  const { apikey } = authSchema
  const id = newId()
  const row = await auditedWrite(ctx.deps.database, ctx.actor, async (tx) => {
    const [row] = await tx
      .insert(apikey)
      .values({
        id,
        configId: KEY_CONFIG_ID,
        referenceId: ctx.actor.orgId,
        name: input.name,
        prefix: KEY_PREFIX,
        start,
        key: hash,
        metadata: writeKeyMetadata(input.role),
        // The plugin's own limit is ten requests a day.
        rateLimitEnabled: false,
        expiresAt: input.expiresInDays == null ? null : new Date(Date.now() + input.expiresInDays * DAY_MS),
      })
      .returning()
    if (!row) throw new Error('the key was not stored')
    return {
      result: row,
      audit: {
        actor: ctx.actor,
        action: 'key.create',
        subjectKind: 'api_key',
        subjectId: id,
        details: { role: input.role },
        requestId: ctx.requestId,
      },
    }
  })
  return { key: toApiKey(row), secret }
}
