import { z } from 'zod'
import { apiKeyId, collectionId, userId } from './ids.ts'
import { role } from './permissions.ts'
import { text } from './text.ts'

export const collectionName = text.trim().min(1).max(120)
export const visibility = z.enum(['organisation', 'restricted'])

export const collection = z.object({
  id: collectionId,
  name: collectionName,
  visibility,
  documents: z.int(),
  createdAt: z.iso.datetime(),
})
export type Collection = z.infer<typeof collection>

export const createCollectionInput = z.strictObject({
  name: collectionName,
  visibility: visibility.default('organisation'),
})
export const deleteCollectionInput = z.strictObject({ id: collectionId })

/** What is left out stays as it is. Closing a collection leaves in it only those with a grant, and owners and admins. */
export const updateCollectionInput = z.strictObject({
  id: collectionId,
  name: collectionName.optional(),
  visibility: visibility.optional(),
})

export const grantee = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('user'), id: userId }),
  z.strictObject({ kind: z.literal('api_key'), id: apiKeyId }),
])
export type Grantee = z.infer<typeof grantee>
export const grantInput = z.strictObject({ collectionId, grantee })

/** Everybody who can see a collection, and why: the role sees all, the collection is open, or there is a grant. */
export const collectionAccess = z.object({
  collection,
  entries: z.array(
    z.object({
      grantee,
      name: z.string(),
      email: z.string().nullable(),
      role,
      reason: z.enum(['role', 'open', 'grant']),
      /** Of the grant, where there is one. */
      grantedBy: z.string().nullable(),
      grantedAt: z.iso.datetime().nullable(),
    }),
  ),
  /** Members and keys of the organisation who cannot: whom a grant could be given. */
  others: z.array(z.object({ grantee, name: z.string(), email: z.string().nullable(), role })),
})
export type CollectionAccess = z.infer<typeof collectionAccess>
export const collectionAccessInput = z.strictObject({ id: collectionId })
