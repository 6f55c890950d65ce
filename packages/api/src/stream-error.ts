import { getTRPCErrorShape, TRPCError } from '@trpc/server'
import type { ApiContext } from './context.ts'
import { appRouter } from './router.ts'

/** What tRPC would tell the reader of a subscription in its `serialized-error`. */
export const streamErrorShape = (thrown: unknown, path: string, ctx: ApiContext): object =>
  getTRPCErrorShape({
    config: appRouter._def._config,
    error: thrown instanceof TRPCError ? thrown : new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: thrown }),
    type: 'subscription',
    path,
    input: undefined,
    ctx,
  })
