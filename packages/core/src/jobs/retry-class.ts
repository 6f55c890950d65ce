import type { Actor } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { CoreDeps, VerbContext } from '../context.ts'
import { recordClassRetry, type Changer } from './audit-change.ts'
import { retryHeld } from './change.ts'
import { holdFailed, oneOfEach, type FailedClass } from './held-jobs.ts'

/** Rows of one transaction: a tenth of a second, which is what others may wait for. */
const TOGETHER = 100
/** Of one call, which is to be answered within seconds: whoever has more calls again. */
const MOST = 2000

/** Puts all jobs in line again that failed in this way, the newest first, 2,000 at most. Zero where there are none. */
export const retryClass = async (ctx: VerbContext, failed: FailedClass): Promise<{ changed: number }> => {
  authorise(ctx, 'jobs.manage')
  return { changed: await retryFailed(ctx.deps, ctx.actor, failed, ctx) }
}

/** The same as `as`, on behalf of `changer`, who is not looked at any more. */
export const retryFailed = async (
  { database }: Pick<CoreDeps, 'database'>,
  as: Actor,
  failed: FailedClass,
  changer: Changer,
  most = MOST,
): Promise<number> => {
  const { orgId } = as
  let changed = 0
  while (changed < most) {
    const { held, retried } = await database.tenant(as).tx(async (tx) => {
      const jobs = await holdFailed(tx, orgId, failed, TOGETHER)
      const { length } = await retryHeld(tx, orgId, oneOfEach(jobs))
      if (length > 0) await recordClassRetry(tx, changer, { ...failed, jobs: length })
      return { held: jobs.length, retried: length }
    })
    changed += retried
    if (held < TOGETHER || retried === 0) break
  }
  return changed
}
