import { sql } from 'drizzle-orm'
import { AppError } from '@quarry/contracts'
import type { OrganisationLimits } from '@quarry/cache'
import type { TenantTx } from '@quarry/db'
import { z } from 'zod'
import type { VerbContext } from '../context.ts'

/** Most answers are written in less. */
const FREE_AFTER_SECONDS = 10
/**
 * A run without a heartbeat for so long is nobody's: others take such a one over, or end it, after a third of it. So what a
 * dead process held is free again within the minute, also where no other process is left to do so.
 */
const LEASE_SECONDS = 30

const counts = z.tuple([z.object({ own: z.number(), everybody: z.number() })])

/**
 * Throws AppError('rate_limited') when the actor or the organisation has as many answers under way as it may have.
 * To be called in the transaction that stores the run, right before it does: until it commits, others of the organisation
 * wait here, or two could both find the last free place.
 */
export const requireFreeRun = async (ctx: VerbContext, tx: TenantTx, own: OrganisationLimits): Promise<void> => {
  const { orgId } = ctx.actor
  const { maxPerUser, maxPerOrganisation } = ctx.deps.limits.run
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`run:${orgId}`}, 0))`)
  const [running] = counts.parse(await tx.execute(sql`select own, everybody from app_runs_under_way(${LEASE_SECONDS})`))
  if (running.own >= (own.runsPerUser ?? maxPerUser))
    throw busy('Too many answers are being written for you.', 'runs-per-user')
  if (running.everybody >= (own.runsPerOrganisation ?? maxPerOrganisation))
    throw busy('Too many answers are being written for your workspace.', 'runs-per-organisation')
}

const busy = (message: string, limit: string): AppError =>
  new AppError('rate_limited', {
    message,
    action: 'Wait for one of them to end.',
    details: { limit, retryAfterSeconds: FREE_AFTER_SECONDS },
  })
