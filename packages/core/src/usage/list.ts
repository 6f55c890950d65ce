import { and, desc, eq, gte, sql } from 'drizzle-orm'
import type { UsageList } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

/** A month, to compare with an invoice. */
const DAYS = 30

/**
 * What the organisation spent on answers, by day and model: days that are over from their sums, what has not been summed
 * up yet from the events.
 */
export const listUsage = async (ctx: VerbContext): Promise<UsageList> => {
  authorise(ctx, 'usage.read')
  const { orgId } = ctx.actor
  const { usageDay, usageEvent } = schema
  const since = sql`((now() at time zone 'UTC')::date - ${DAYS}::integer)`
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const summed = await tx
      .select({
        day: usageDay.day,
        model: usageDay.model,
        answers: usageDay.events,
        inputTokens: usageDay.inputTokens,
        outputTokens: usageDay.outputTokens,
      })
      .from(usageDay)
      .where(and(eq(usageDay.orgId, orgId), eq(usageDay.kind, 'answer'), gte(usageDay.day, since)))
      .orderBy(desc(usageDay.day), usageDay.model)
    const day = sql<string>`(${usageEvent.createdAt} at time zone 'UTC')::date::text`
    // The sum of yesterday is made a few minutes after midnight, and later where no worker runs.
    const newest = sql`coalesce((select max(d.day) from ${usageDay} d where d.org_id = ${orgId}), ${since} - 1)`
    const open = await tx
      .select({
        day,
        model: usageEvent.model,
        answers: sql`count(*)`.mapWith(Number),
        inputTokens: sql`sum(${usageEvent.inputTokens})`.mapWith(Number),
        outputTokens: sql`sum(${usageEvent.outputTokens})`.mapWith(Number),
      })
      .from(usageEvent)
      .where(
        and(
          eq(usageEvent.orgId, orgId),
          eq(usageEvent.kind, 'answer'),
          sql`${usageEvent.createdAt} >= (${newest} + 1)::timestamp at time zone 'UTC'`,
        ),
      )
      .groupBy(day, usageEvent.model)
      .orderBy(sql`1 desc`, usageEvent.model)
    return { days: [...open, ...summed] }
  })
}
