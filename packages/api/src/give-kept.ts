import type { Asker, CoreDeps } from '@quarry/core'
import type { KeptCall } from './kept-request.ts'
import type { CallLimits } from './limits/call-limits.ts'
import type { Cost } from './limits/costs.ts'
import { mayCall } from './trpc.ts'

export interface KeptGiving {
  readonly deps: Pick<CoreDeps, 'kept'>
  /** Who calls, as it was found out for this very request. */
  readonly actor: Asker
  readonly limits: Pick<CallLimits, 'chargeIfAllowed'>
}

/**
 * The answers to `calls` as JSON, all of them kept, allowed to this caller now and paid for; in one charge for all. Null
 * where one is not: nothing was charged or counted then, and the procedures themselves say what there is to say.
 */
export const giveKept = async (
  { deps, actor, limits }: KeptGiving,
  calls: readonly KeptCall[],
): Promise<readonly string[] | null> => {
  if (!calls.every(({ meta }) => mayCall(meta, actor))) return null
  const found = await Promise.all(calls.map(({ question }) => deps.kept.peek(actor, question)))
  const answers = found.filter((one) => one !== null)
  if (answers.length < calls.length || !(await limits.chargeIfAllowed(actor, totalOf(calls)))) return null
  deps.kept.served(answers.flatMap(({ reads }) => reads))
  return answers.map(({ json }) => json)
}

const totalOf = (calls: readonly KeptCall[]): Cost => ({
  caller: calls.reduce((sum, { charges }) => sum + charges.before.caller, 0),
  organisation: calls.reduce((sum, { charges }) => sum + charges.before.organisation, 0),
})
