import { appErrorIn, maySoonPass, retryAfterMs, trpcErrorIn } from './errors.ts'
import type { Patience } from './patience.ts'

/**
 * Fetches a stream, and again after as long as the server says where a limit refused it: who reads a stream learns
 * nothing of the answer that refused it.
 */
export const patientFetch = async (patience: Patience, input: string | URL, init: RequestInit): Promise<Response> => {
  for (let waitedMs = 0; ;) {
    const response = await fetch(input, init)
    if (response.status !== 429) return response
    const body: unknown = await response.json().catch(() => null)
    const refusal = trpcErrorIn(body) ?? appErrorIn(body)
    if (refusal === null || !maySoonPass(refusal)) return response
    const ms = retryAfterMs(refusal)
    if (!(await patience.wait(refusal.message, ms, waitedMs))) return response
    waitedMs += ms
  }
}
