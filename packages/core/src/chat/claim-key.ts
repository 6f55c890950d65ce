import { createHash } from 'node:crypto'
import { and, eq } from 'drizzle-orm'
import { AppError, sendOutput, type SendOutput } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'
import type { VerbContext } from '../context.ts'

/** What a key was taken for: SHA-256 of the request's parts, lower-case hex. */
export const hashOfRequest = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex')

/**
 * Takes the actor's idempotency key for `reply`, or returns the reply that it was taken for. Of equal requests at the
 * same time the others wait here until the first has committed. Throws AppError('idempotency_mismatch') when it was taken
 * for another request.
 */
export const claimKey = async (
  ctx: VerbContext,
  tx: TenantTx,
  request: { readonly key: string; readonly hash: string },
  reply: SendOutput,
): Promise<SendOutput | null> => {
  const { orgId, id } = ctx.actor
  if (id === null) throw new AppError('forbidden')
  const { idempotencyKey } = schema
  const claimed = await tx
    .insert(idempotencyKey)
    .values({ orgId, actorId: id, key: request.key, requestHash: request.hash, response: reply })
    .onConflictDoNothing()
    .returning({ key: idempotencyKey.key })
  if (claimed.length > 0) return null
  const [earlier] = await tx
    .select({ requestHash: idempotencyKey.requestHash, response: idempotencyKey.response })
    .from(idempotencyKey)
    .where(and(eq(idempotencyKey.orgId, orgId), eq(idempotencyKey.actorId, id), eq(idempotencyKey.key, request.key)))
  if (!earlier) throw new AppError('conflict')
  if (earlier.requestHash !== request.hash) throw new AppError('idempotency_mismatch')
  return sendOutput.parse(earlier.response)
}
