import { sql, type SQL } from 'drizzle-orm'
import type { JobKind } from '@quarry/contracts'
import { z } from 'zod'
import type { OperatorContext } from '../context.ts'
import { recordOperatorEvent, type OperatorAction } from './record-event.ts'

/** From within half a second on workers take no more jobs of this kind; those that run go on. Zero where it is so already. */
export const pauseQueue = (ctx: OperatorContext, { kind }: { kind: JobKind }): Promise<{ changed: number }> =>
  switchQueue(ctx, kind, 'queue.pause', sql`app_pause_kind(${kind}, ${ctx.operator.userId})`)

/** Jobs of this kind are taken up again. Zero where they were not paused. */
export const resumeQueue = (ctx: OperatorContext, { kind }: { kind: JobKind }): Promise<{ changed: number }> =>
  switchQueue(ctx, kind, 'queue.resume', sql`app_resume_kind(${kind})`)

const switchQueue = (ctx: OperatorContext, kind: JobKind, action: OperatorAction, change: SQL) =>
  ctx.deps.database.system(async (tx) => {
    const [{ changed }] = outcome.parse(await tx.execute(sql`select ${change} as changed`))
    if (changed) await recordOperatorEvent(tx, ctx, action, { kind })
    return { changed: changed ? 1 : 0 }
  })

const outcome = z.tuple([z.object({ changed: z.boolean() })])
