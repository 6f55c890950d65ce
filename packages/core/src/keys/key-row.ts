import { apiKeyId, type ApiKey } from '@quarry/contracts'
import type { authSchema } from '@quarry/db'
import { readKeyMetadata } from '../accounts/key-secret.ts'
import type { Makers } from './makers.ts'

/** Keys of this configuration of better-auth's api-key plugin belong to an organisation. */
export const KEY_CONFIG_ID = 'organisation'

type Row = Pick<
  typeof authSchema.apikey.$inferSelect,
  'id' | 'name' | 'start' | 'metadata' | 'createdAt' | 'lastRequest' | 'expiresAt'
>

export const toApiKey = (row: Row, makers: Makers): ApiKey => ({
  id: apiKeyId.parse(row.id),
  name: row.name ?? '',
  // A key without a readable role opens nothing; it is listed as the least one so that it can be revoked.
  role: readKeyMetadata(row.metadata)?.role ?? 'viewer',
  start: row.start ?? '',
  createdAt: row.createdAt.toISOString(),
  lastUsedAt: row.lastRequest?.toISOString() ?? null,
  expiresAt: row.expiresAt?.toISOString() ?? null,
  madeBy: makers.get(readKeyMetadata(row.metadata)?.madeBy?.id ?? '') ?? null,
})
