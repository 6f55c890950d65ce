import { z } from 'zod'

/** Keyset page: `cursor` is opaque to the client, `limit` is 1–100 rows. */
export const pageInput = z.strictObject({
  cursor: z.string().max(500).nullish(),
  limit: z.int().min(1).max(100).default(50),
  /** tRPC's client adds it to the input of an infinite query; lists are read in one direction. */
  direction: z.literal('forward').optional(),
})

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}
