import { AppError, can, type AppErrorShape, type Permission } from '@quarry/contracts'
import type { VerbContext } from '@quarry/core'
import { initTRPC } from '@trpc/server'
import type { ApiContext } from './context.ts'
import { errorShape, toAppError, toTrpcError } from './errors.ts'

/** What a procedure needs: a permission, or only that somebody is signed in. Every procedure has one. */
export interface ApiMeta {
  readonly can: Permission | 'signedIn'
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ApiMeta>()
  .create({
    isDev: false,
    sse: {
      // Proxies close what is silent for a minute; a quarter of that also shows a dead reader in time.
      ping: { enabled: true, intervalMs: 15_000 },
      // The reader comes back with the last id, and its session or key is looked at again: what was revoked ends here.
      maxDurationMs: 55_000,
      client: { reconnectAfterInactivityMs: 40_000 },
    },
    errorFormatter: ({ shape, error, ctx }) => {
      const { stack: _, ...data } = shape.data
      const app: AppErrorShape = errorShape(toAppError(error), ctx?.requestId ?? '')
      return { ...shape, message: app.message, data: { ...data, app } }
    },
  })

/** Turns what a procedure threw into the error that the caller sees; a stream of events does so itself. */
const mapErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next()
  if (result.ok) return result
  throw toTrpcError(result.error, { logger: ctx.deps.logger, path, requestId: ctx.requestId })
})

/** The one place that lets a call through: somebody is signed in, and their role has what the procedure declares. */
const authorise = t.middleware(async ({ ctx, meta, next }) => {
  const { deps, requestId } = ctx
  const actor = await ctx.resolveActor()
  if (!actor) throw new AppError('unauthenticated')
  if (!meta) throw new Error('the procedure does not declare what it needs')
  if (meta.can !== 'signedIn' && !can(actor.role, meta.can)) throw new AppError('forbidden')
  const verb: VerbContext = { deps, actor, requestId }
  return next({ ctx: { verb } })
})

export const router = t.router
export const createCallerFactory = t.createCallerFactory
/** A procedure with what it needs; there is no other way to make one. */
export const procedure = (needs: ApiMeta['can']) => t.procedure.meta({ can: needs }).use(mapErrors).use(authorise)
