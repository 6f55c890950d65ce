import { createHash, randomBytes } from 'node:crypto'
import { role, type Role } from '@quarry/contracts'
import { z } from 'zod'

export const KEY_PREFIX = 'qk_'
/** Characters that are kept in the open, to recognise a key by: the prefix and five more. */
const START_LENGTH = KEY_PREFIX.length + 5

/** 256 random bits; `hash` is what @better-auth/api-key's `defaultKeyHasher` makes, so that it can verify our keys. */
export const newKeySecret = (): { secret: string; hash: string; start: string } => {
  const secret = KEY_PREFIX + randomBytes(32).toString('base64url')
  return { secret, hash: hashKey(secret), start: secret.slice(0, START_LENGTH) }
}

export const hashKey = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

const keyMetadata = z.object({
  role: role.exclude(['owner']),
  /** Left out in keys of before this was kept. */
  madeBy: z.object({ kind: z.enum(['user', 'api_key']), id: z.uuid() }).optional(),
})
export type KeyMetadata = z.infer<typeof keyMetadata>

export const writeKeyMetadata = (metadata: KeyMetadata): string => JSON.stringify(keyMetadata.parse(metadata))

/** Null, and then the key opens nothing, when it was not written by `writeKeyMetadata`. */
export const readKeyMetadata = (metadata: string | null): KeyMetadata | null => {
  try {
    return keyMetadata.parse(JSON.parse(metadata ?? ''))
  } catch {
    return null
  }
}

export const readKeyRole = (metadata: string | null): Role | null => readKeyMetadata(metadata)?.role ?? null
