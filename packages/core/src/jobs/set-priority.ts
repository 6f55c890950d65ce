import type { JobRunId } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { recordJobChange } from './audit-change.ts'
import { prioritiseHeld } from './change.ts'
import { holdJob } from './held-jobs.ts'

/**
 * Moves a job that has not begun among those of its organisation: lower runs first. Nothing changes where it has that
 * priority, runs or is over. Throws AppError('not_found').
 */
export const setJobPriority = (
  ctx: VerbContext,
  { id, priority }: { id: JobRunId; priority: number },
): Promise<{ changed: number }> => {
  authorise(ctx, 'jobs.manage')
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const job = await holdJob(tx, ctx.actor.orgId, id)
    if (!(await prioritiseHeld(tx, job, priority))) return { changed: 0 }
    await recordJobChange(tx, ctx, 'job.prioritise', job, { from: job.priority, to: priority })
    return { changed: 1 }
  })
}
