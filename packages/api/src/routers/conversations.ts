import { getConversationInput, listConversationsInput } from '@quarry/contracts'
import { deleteConversation, getConversation, listConversations } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const conversationsRouter = router({
  list: procedure('chat.use')
    .input(listConversationsInput)
    .query(({ ctx, input }) => listConversations(ctx.verb, input)),
  get: procedure('chat.use')
    .input(getConversationInput)
    .query(({ ctx, input }) => getConversation(ctx.verb, input)),
  delete: procedure('chat.use')
    .input(getConversationInput)
    .mutation(({ ctx, input }) => deleteConversation(ctx.verb, input)),
})
