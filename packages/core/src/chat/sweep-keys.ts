import { lt } from 'drizzle-orm'
import { schema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'

/** Twice as long as a client may take to ask again. */
const KEPT_MS = 48 * 3600_000

/** Forgets old idempotency keys. */
export const sweepIdempotencyKeys = async ({ database }: CoreDeps, now = new Date()): Promise<void> => {
  const { idempotencyKey } = schema
  await database.system((tx) =>
    tx.delete(idempotencyKey).where(lt(idempotencyKey.createdAt, new Date(now.getTime() - KEPT_MS))),
  )
}
