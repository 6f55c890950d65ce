import { setFeedbackInput } from '@quarry/contracts'
import { setFeedback } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const feedbackRouter = router({
  set: procedure('chat.use')
    .meta({ statements: 4 })
    .input(setFeedbackInput)
    .mutation(({ ctx, input }) => setFeedback(ctx.verb, input)),
})
