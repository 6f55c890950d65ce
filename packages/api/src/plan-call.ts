import type { KeptQuestion } from '@quarry/core'
import { chargesOf, type Charges, type ProcedureKind } from './limits/costs.ts'
import type { ApiMeta } from './trpc.ts'

/** What is decided of a call before anything runs. */
export interface CallPlan {
  readonly charges: Charges
  /** Null where the answer is computed each time. */
  readonly question: KeptQuestion | null
}

/** A larger input is rarely sent twice, and costs more to look up than what it would save. */
const LONGEST_INPUT = 4096

/**
 * What a call costs and which answer it would be content with: by its name and what was sent alone, so that whoever
 * takes calls in decides the same. `rawInput` as it was sent: what is not valid is refused when it is computed, and no
 * refusal is kept.
 */
export const planCall = (path: string, kind: ProcedureKind, meta: ApiMeta | undefined, rawInput: unknown): CallPlan => {
  const charges = chargesOf(kind, meta)
  const { cache } = meta ?? {}
  if (!cache || kind !== 'query' || (JSON.stringify(rawInput) ?? '').length > LONGEST_INPUT)
    return { charges, question: null }
  const { ttl, scope, tags, staleSeconds = 0, flags = [] } = cache
  return { charges, question: { name: path, input: rawInput, ttl, scope, tags, staleSeconds, flags } }
}
