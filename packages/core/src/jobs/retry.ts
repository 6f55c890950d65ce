import type { JobRunId } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { recordJobChange } from './audit-change.ts'
import { retryHeld } from './change.ts'
import { holdJob } from './held-jobs.ts'

/** Puts a job in line again that failed or was cancelled. Nothing changes where it is not over. Throws AppError('not_found'). */
export const retryJob = (ctx: VerbContext, { id }: { id: JobRunId }): Promise<{ changed: number }> => {
  authorise(ctx, 'jobs.manage')
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const job = await holdJob(tx, ctx.actor.orgId, id)
    const [retried] = await retryHeld(tx, ctx.actor.orgId, [job])
    if (!retried) return { changed: 0 }
    await recordJobChange(tx, ctx, 'job.retry', job)
    return { changed: 1 }
  })
}
