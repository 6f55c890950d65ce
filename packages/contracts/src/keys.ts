import { z } from 'zod'
import { apiKeyId } from './ids.ts'
import { role } from './permissions.ts'
import { text } from './text.ts'

export const apiKey = z.object({
  id: apiKeyId,
  name: z.string(),
  role,
  /** The first characters, to recognise a key by. */
  start: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  /**
   * The person (or, without an address, the key) that made it; null for keys of before this was kept. `isThere`: whether
   * they still belong to the organisation, which keeps their keys.
   */
  madeBy: z.object({ name: z.string(), email: z.string().nullable(), isThere: z.boolean() }).nullable(),
})
export type ApiKey = z.infer<typeof apiKey>

/** A key may not have a higher role than the person who makes it. */
export const createKeyInput = z.strictObject({
  name: text.trim().min(1).max(60),
  role: role.exclude(['owner']).default('member'),
  expiresInDays: z.int().min(1).max(365).nullish(),
})
/** `secret` is shown once and stored only as a hash. */
export const createKeyOutput = z.object({ key: apiKey, secret: z.string() })
export const revokeKeyInput = z.strictObject({ id: apiKeyId })
