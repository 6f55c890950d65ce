import { inArray } from 'drizzle-orm'
import type { CronItem, CronName } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import type { OperatorContext } from '../context.ts'
import { listCron } from '../cron/list.ts'
import { requestCron } from '../cron/request.ts'
import { recordOperatorEvent } from './record-event.ts'

/** What the clock does, with the names of those who asked for the last run of each. */
export const listCronJobs = async ({ deps }: OperatorContext): Promise<CronItem[]> => {
  const items = await listCron(deps)
  const ids = items.flatMap(({ last }) => last?.requestedBy ?? [])
  const { user } = authSchema
  const people =
    ids.length === 0
      ? []
      : await deps.database.auth.select({ id: user.id, name: user.name }).from(user).where(inArray(user.id, ids))
  const names = new Map(people.map(({ id, name }) => [id, name]))
  return items.map((item) => {
    const by = item.last?.requestedBy ?? null
    // Who is gone has no name any more.
    return item.last && by !== null ? { ...item, last: { ...item.last, requestedBy: names.get(by) ?? by } } : item
  })
}

/** Asks for one of them now. Zero where it runs already, or was asked for. */
export const runCronNow = async (ctx: OperatorContext, { name }: { name: CronName }): Promise<{ changed: number }> => {
  const { id, requested } = await requestCron(ctx.deps, name, ctx.operator.userId)
  if (!requested) return { changed: 0 }
  await ctx.deps.database.system((tx) => recordOperatorEvent(tx, ctx, 'cron.run', { name, id }))
  return { changed: 1 }
}
