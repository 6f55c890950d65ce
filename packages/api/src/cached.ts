import type { VerbContext } from '@quarry/core'
import { NotKept } from '@quarry/core'
import type { ApiContext } from './context.ts'
import { planCall } from './plan-call.ts'
import type { ApiMeta } from './trpc.ts'

/** One call of a query, after it has been allowed. */
export interface CachedCall {
  readonly ctx: ApiContext & { readonly verb: VerbContext }
  readonly path: string
  readonly meta: ApiMeta | undefined
  readonly getRawInput: () => Promise<unknown>
}

/**
 * The kept answer of a query that has one, else that of `compute`, which is told the context to run in. The organisation
 * pays for what has to be computed. Undefined where the answers of this procedure are not kept.
 */
export const answerOf = async (
  { ctx, path, meta, getRawInput }: CachedCall,
  compute: (verb: VerbContext) => Promise<unknown>,
): Promise<{ readonly answer: unknown } | undefined> => {
  const { actor, deps } = ctx.verb
  if (!meta?.cache || actor.kind === 'system') return undefined
  const { charges, question } = planCall(path, 'query', meta, await getRawInput())
  const charged = async (): Promise<unknown> => {
    await ctx.limits.chargeOrganisation(actor.orgId, charges.onMiss)
    let isKept = true
    const answer = await compute({ ...ctx.verb, doNotKeep: () => (isKept = false) })
    if (!isKept) throw new NotKept(answer)
    return answer
  }
  return { answer: await deps.kept.answer(actor, question, charged) }
}
