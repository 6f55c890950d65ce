import type { JobRunId, OrgId } from '@quarry/contracts'
import type { TenantTx } from '@quarry/db'
import { systemActor } from '../accounts/system-actor.ts'
import type { OperatorContext } from '../context.ts'
import { recordJobChange, type Changer } from '../jobs/audit-change.ts'
import { cancelHeld, prioritiseHeld, retryHeld } from '../jobs/change.ts'
import { holdJob, type HeldJob } from '../jobs/held-jobs.ts'

interface AnyJob {
  readonly orgId: OrgId
  readonly id: JobRunId
}
interface Changed {
  readonly changed: number
}

/** As `retryJob`, in any organisation, whose log says who it was. */
export const retryAnyJob = (ctx: OperatorContext, ref: AnyJob): Promise<Changed> =>
  changeJob(ctx, ref, async (tx, job, changer) => {
    const [retried] = await retryHeld(tx, ref.orgId, [job])
    if (retried) await recordJobChange(tx, changer, 'job.retry', job)
    return retried !== undefined
  })

/** As `cancelJob`, in any organisation, whose log says who it was. */
export const cancelAnyJob = (ctx: OperatorContext, ref: AnyJob): Promise<Changed> =>
  changeJob(ctx, ref, async (tx, job, changer) => {
    const done = await cancelHeld(tx, ref.orgId, job)
    if (done) await recordJobChange(tx, changer, 'job.cancel', job)
    return done
  })

/** As `setJobPriority`, in any organisation, whose log says who it was. */
export const setAnyJobPriority = (
  ctx: OperatorContext,
  { priority, ...ref }: AnyJob & { readonly priority: number },
): Promise<Changed> =>
  changeJob(ctx, ref, async (tx, job, changer) => {
    const done = await prioritiseHeld(tx, job, priority)
    if (done) await recordJobChange(tx, changer, 'job.prioritise', job, { from: job.priority, to: priority })
    return done
  })

const changeJob = async (
  ctx: OperatorContext,
  { orgId, id }: AnyJob,
  change: (tx: TenantTx, job: HeldJob, changer: Changer) => Promise<boolean>,
): Promise<Changed> => {
  const { database, wrote } = ctx.deps
  const done = await database
    .tenant(systemActor(orgId))
    .tx(async (tx) => change(tx, await holdJob(tx, orgId, id), operatorAs(ctx, orgId)))
  // What is kept of that organisation shows its documents.
  if (done) await wrote([orgId])
  return { changed: done ? 1 : 0 }
}

/** For the log of an organisation that an owner of the installation need not belong to. */
export const operatorAs = ({ operator, requestId }: OperatorContext, orgId: OrgId): Changer => ({
  actor: { kind: 'user', id: operator.userId, orgId, role: 'owner' },
  requestId,
  operator: true,
})
