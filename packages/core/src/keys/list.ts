import { and, desc, eq } from 'drizzle-orm'
import type { ApiKey } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { KEY_CONFIG_ID, toApiKey } from './key-row.ts'
import { readMakers } from './makers.ts'

/** The organisation's keys, newest first, without their secrets, which nobody has. */
export const listKeys = async (ctx: VerbContext): Promise<ApiKey[]> => {
  authorise(ctx, 'keys.manage')
  const { apikey } = authSchema
  const rows = await ctx.deps.database.auth
    .select()
    .from(apikey)
    .where(and(eq(apikey.configId, KEY_CONFIG_ID), eq(apikey.referenceId, ctx.actor.orgId)))
    .orderBy(desc(apikey.createdAt), desc(apikey.id))
  const makers = await readMakers(ctx.deps.database.auth, ctx.actor.orgId, rows)
  return rows.map((row) => toApiKey(row, makers))
}
