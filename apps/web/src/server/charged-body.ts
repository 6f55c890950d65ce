import { Readable } from 'node:stream'
import { uploadCost, type CallLimits } from '@quarry/api'
import type { Actor } from '@quarry/contracts'

/** Charged at a time, where a request does not say how much it brings. */
const STEP_BYTES = 8 * 1024 * 1024

export interface ChargedBody {
  readonly body: Readable
  /** Gives back what was charged for bytes that did not come. */
  readonly settle: () => Promise<void>
}

/**
 * The body of an upload, paid for before it is read: by its Content-Length, else in steps as it comes, where the
 * stream breaks with AppError('rate_limited') and what came before stays. Throws AppError('rate_limited') at once.
 */
export const chargedBody = async (request: Request, actor: Actor, limits: CallLimits): Promise<ChargedBody> => {
  const announced = Number(request.headers.get('content-length') ?? STEP_BYTES)
  let paidBytes = Number.isSafeInteger(announced) && announced >= 0 ? announced : STEP_BYTES
  const paid = await limits.chargeAtMost(actor, uploadCost(paidBytes))
  let seenBytes = 0
  async function* metered() {
    for await (const chunk of request.body ?? []) {
      seenBytes += chunk.byteLength
      while (seenBytes > paidBytes) {
        await limits.chargeAtMost(actor, uploadCost(STEP_BYTES))
        paidBytes += STEP_BYTES
      }
      yield chunk
    }
  }
  return {
    body: Readable.from(metered(), { objectMode: false }),
    settle: async () => {
      const used = uploadCost(seenBytes)
      // Of what was charged at the start; a bucket held no more than that.
      await limits.refund(actor, {
        caller: paid.caller - used.caller,
        organisation: paid.organisation - used.organisation,
      })
    },
  }
}
