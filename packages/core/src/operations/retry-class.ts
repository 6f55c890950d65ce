import { and, eq } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { systemActor } from '../accounts/system-actor.ts'
import type { OperatorContext } from '../context.ts'
import { hasRetryableVersion, inClass, type FailedClass } from '../jobs/held-jobs.ts'
import { oneByOne } from '../jobs/one-by-one.ts'
import { retryFailed } from '../jobs/retry-class.ts'
import { operatorAs } from './change-jobs.ts'

/** Of one call, which is to be answered within seconds: whoever has more calls again. */
const MOST_ORGANISATIONS = 100
const MOST_JOBS = 2000

/**
 * Puts all jobs in line again that failed in this way, of one organisation or of all, 2,000 at most. The log of each
 * organisation says who it was.
 */
export const retryAnyClass = async (
  ctx: OperatorContext,
  { orgId, ...failed }: FailedClass & { readonly orgId?: OrgId | null | undefined },
): Promise<{ changed: number }> => {
  let changed = 0
  const retry = async (id: OrgId): Promise<void> => {
    if (changed >= MOST_JOBS) return
    const retried = await retryFailed(ctx.deps, systemActor(id), failed, operatorAs(ctx, id), MOST_JOBS - changed)
    if (retried > 0) await ctx.deps.wrote([id])
    changed += retried
  }
  // Of one organisation whoever asked is told why it failed.
  if (orgId) await retry(orgId)
  else
    await oneByOne(
      await organisationsWith(ctx, failed),
      retry,
      ctx.deps.logger,
      'the failed jobs of an organisation could not be retried',
    )
  return { changed }
}

const organisationsWith = async ({ deps: { database } }: OperatorContext, failed: FailedClass): Promise<OrgId[]> => {
  const { documentVersion, jobRun } = schema
  const rows = await database.system((tx) =>
    tx
      .selectDistinct({ orgId: jobRun.orgId })
      .from(jobRun)
      // Those of which nothing can be tried again would stand before the others for ever.
      .innerJoin(
        documentVersion,
        and(eq(documentVersion.orgId, jobRun.orgId), eq(documentVersion.id, jobRun.subjectId)),
      )
      .where(and(inClass(failed), hasRetryableVersion))
      .limit(MOST_ORGANISATIONS),
  )
  return rows.map(({ orgId }) => orgId as OrgId)
}
