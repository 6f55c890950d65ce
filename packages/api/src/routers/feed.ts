import { feedInput } from '@quarry/contracts'
import { streamFeed } from '@quarry/core'
import { tracked } from '@trpc/server'
import { abortable } from '../abortable.ts'
import { procedure, router } from '../trpc.ts'

export const feedRouter = router({
  /** From now on: a reader that was away reads its lists again when it comes back. */
  stream: procedure('documents.read')
    .input(feedInput)
    .subscription(async function* ({ ctx, signal }) {
      for await (const event of streamFeed(ctx.verb, abortable(signal))) yield tracked(event.id, event)
    }),
})
