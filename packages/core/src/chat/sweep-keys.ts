import { lt } from 'drizzle-orm'
import { schema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'

/** Twice as long as a client may take to ask again. */
const KEPT_MS = 48 * 3600_000

/** Forgets old idempotency keys. Returns how many. */
export const sweepIdempotencyKeys = async (
  { database }: Pick<CoreDeps, 'database'>,
  now = new Date(),
): Promise<number> => {
  const { idempotencyKey } = schema
  const gone = await database.system((tx) =>
    tx
      .delete(idempotencyKey)
      .where(lt(idempotencyKey.createdAt, new Date(now.getTime() - KEPT_MS)))
      .returning({ orgId: idempotencyKey.orgId }),
  )
  return gone.length
}
