import { continueInput, sendInput, sendOutput, stopInput, streamInput } from '@quarry/contracts'
import { continueMessage, sendMessage, stopRun, streamRun } from '@quarry/core'
import { eventStream } from '../event-stream.ts'
import { COSTS } from '../limits/costs.ts'
import { procedure, router } from '../trpc.ts'

export const chatRouter = router({
  send: procedure('chat.use')
    .meta({ statements: 9, cost: COSTS.question })
    .input(sendInput)
    .output(sendOutput)
    .mutation(({ ctx, input }) => sendMessage(ctx.verb, input)),
  continue: procedure('chat.use')
    .meta({ statements: 16, cost: COSTS.question })
    .input(continueInput)
    .output(sendOutput)
    .mutation(({ ctx, input }) => continueMessage(ctx.verb, input)),
  stream: procedure('chat.use')
    .meta({ statements: 6 })
    .input(streamInput)
    .subscription(({ ctx, input, path, signal }) =>
      eventStream(ctx, path, signal, (gone) => streamRun(ctx.verb, input, gone)),
    ),
  stop: procedure('chat.use')
    .meta({ statements: 4, cost: COSTS.stop })
    .input(stopInput)
    .mutation(({ ctx, input }) => stopRun(ctx.verb, input)),
})
