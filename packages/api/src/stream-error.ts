import { getErrorShape, getTRPCErrorFromUnknown } from '@trpc/server'
import type { ApiContext } from './context.ts'
import { appRouter } from './router.ts'

/** What tRPC would tell the reader of a subscription in its `serialized-error`. */
export const streamErrorShape = (thrown: unknown, path: string, ctx: ApiContext): object =>
  getErrorShape({
    // oxlint-disable-next-line no-underscore-dangle -- where tRPC keeps what a router is made of
    config: appRouter._def._config,
    error: getTRPCErrorFromUnknown(thrown),
    type: 'subscription',
    path,
    input: undefined,
    ctx,
  })
