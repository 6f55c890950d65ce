import {
  conversationRef,
  getConversationInput,
  listConversationsInput,
  renameConversationInput,
} from '@quarry/contracts'
import {
  deleteConversation,
  getConversation,
  listConversations,
  renameConversation,
  restoreConversation,
} from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const conversationsRouter = router({
  list: procedure('chat.use')
    .meta({ statements: 3 })
    .input(listConversationsInput)
    .query(({ ctx, input }) => listConversations(ctx.verb, input)),
  get: procedure('chat.use')
    .meta({ statements: 7 })
    .input(getConversationInput)
    .query(({ ctx, input }) => getConversation(ctx.verb, input)),
  rename: procedure('chat.use')
    .meta({ statements: 4 })
    .input(renameConversationInput)
    .mutation(({ ctx, input }) => renameConversation(ctx.verb, input)),
  delete: procedure('chat.use')
    .meta({ statements: 5 })
    .input(conversationRef)
    .mutation(({ ctx, input }) => deleteConversation(ctx.verb, input)),
  restore: procedure('chat.use')
    .meta({ statements: 5 })
    .input(conversationRef)
    .mutation(({ ctx, input }) => restoreConversation(ctx.verb, input)),
})
