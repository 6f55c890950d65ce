import { feedInput } from '@quarry/contracts'
import { streamFeed } from '@quarry/core'
import { eventStream } from '../event-stream.ts'
import { procedure, router } from '../trpc.ts'

export const feedRouter = router({
  /** From now on: a reader that was away reads its lists again when it comes back. */
  stream: procedure('documents.read')
    .meta({ statements: 6 })
    .input(feedInput)
    .subscription(({ ctx, path, signal }) => eventStream(ctx, path, signal, (gone) => streamFeed(ctx.verb, gone))),
})
