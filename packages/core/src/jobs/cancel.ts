import type { JobRunId } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { recordJobChange } from './audit-change.ts'
import { cancelHeld } from './change.ts'
import { holdJob } from './held-jobs.ts'

/**
 * Takes a job out of the line at once, or asks the worker that runs it to stop. Nothing changes where it is over, or was
 * asked to already. Throws AppError('not_found').
 */
export const cancelJob = (ctx: VerbContext, { id }: { id: JobRunId }): Promise<{ changed: number }> => {
  authorise(ctx, 'jobs.manage')
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const job = await holdJob(tx, ctx.actor.orgId, id)
    if (!(await cancelHeld(tx, ctx.actor.orgId, job))) return { changed: 0 }
    await recordJobChange(tx, ctx, 'job.cancel', job)
    return { changed: 1 }
  })
}
