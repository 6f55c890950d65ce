import { planCall, type CallPlan } from './plan-call.ts'
import { PROCEDURES } from './procedures.ts'
import type { ApiMeta } from './trpc.ts'

/** One call of a query whose answers are kept. */
export interface KeptCall {
  readonly meta: ApiMeta
  readonly charges: CallPlan['charges']
  readonly question: NonNullable<CallPlan['question']>
}

/** A request that carries nothing else. */
export interface KeptRequest {
  /** Whether the answers stand in a list, also a single one. */
  readonly isBatch: boolean
  readonly calls: readonly KeptCall[]
}

/** Visible ASCII, as it is sent; what is written otherwise is for those who know all ways of writing. */
const PLAIN = /^[!-~]+$/

/**
 * The calls of `GET <endpoint>/<target>` as tRPC reads them, where all of them are queries whose answers are kept and
 * they are written as our clients write them; null for everything else, which is tRPC's to read and to refuse.
 * `target` is what follows the endpoint's slash: paths and query string, as sent; `mostCalls` what one may carry.
 */
export const readKeptRequest = (target: string, mostCalls: number): KeptRequest | null => {
  if (!PLAIN.test(target) || target.includes('#')) return null
  const [names = '', ...rest] = target.split('?')
  const paths = names.split(',')
  if (paths.length > mostCalls) return null
  const metas: ApiMeta[] = []
  for (const path of paths) {
    const { type, meta } = PROCEDURES.get(path) ?? {}
    if (type !== 'query' || !meta?.cache) return null
    metas.push(meta)
  }
  const parameters = parametersOf(rest.join('?'))
  if (parameters === null || (!parameters.isBatch && paths.length > 1)) return null
  const inputs = inputsOf(parameters)
  if (inputs === null) return null
  const calls: KeptCall[] = []
  for (const [i, path] of paths.entries()) {
    const meta = metas[i]
    const { charges, question } = planCall(path, 'query', meta, inputs[i])
    if (meta === undefined || question === null) return null
    calls.push({ meta, charges, question })
  }
  return { isBatch: parameters.isBatch, calls }
}

interface Parameters {
  readonly isBatch: boolean
  readonly input: string
}

/** Null where there is anything that our clients do not send. */
const parametersOf = (search: string): Parameters | null => {
  let batch: string | null = null
  let input: string | null = null
  for (const [name, value] of new URLSearchParams(search)) {
    if (name === 'batch' && batch === null && value === '1') batch = value
    else if (name === 'input' && input === null) input = value
    else return null
  }
  return { isBatch: batch !== null, input: input ?? '' }
}

/** By place in the request. Null for what tRPC refuses. */
const inputsOf = ({ isBatch, input }: Parameters): Readonly<Record<number, unknown>> | null => {
  if (input === '') return {}
  let sent: unknown
  try {
    sent = JSON.parse(input)
  } catch {
    return null
  }
  if (!isBatch) return { 0: sent }
  return typeof sent === 'object' && sent !== null && !Array.isArray(sent) ? { ...sent } : null
}
