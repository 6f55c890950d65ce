import { z } from 'zod'
import { collectionId } from './ids.ts'
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
