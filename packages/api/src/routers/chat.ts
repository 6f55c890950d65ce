import { sendInput, sendOutput, stopInput, streamInput } from '@quarry/contracts'
import { sendMessage, stopRun, streamRun } from '@quarry/core'
import { tracked } from '@trpc/server'
import { abortable } from '../abortable.ts'
import { procedure, router } from '../trpc.ts'

export const chatRouter = router({
  send: procedure('chat.use')
    .input(sendInput)
    .output(sendOutput)
    .mutation(({ ctx, input }) => sendMessage(ctx.verb, input)),
  stream: procedure('chat.use')
    .input(streamInput)
    .subscription(async function* ({ ctx, input, signal }) {
      for await (const event of streamRun(ctx.verb, input, abortable(signal))) yield tracked(String(event.id), event)
    }),
  stop: procedure('chat.use')
    .input(stopInput)
    .mutation(({ ctx, input }) => stopRun(ctx.verb, input)),
})
