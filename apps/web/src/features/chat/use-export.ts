'use client'

import type { Conversation, Message } from '@quarry/contracts'
import { useTRPCClient } from '../../trpc/client.ts'
import { notifyProblem } from '../ui/toast.tsx'
import { conversationMarkdown, exportFileName } from './export/conversation-markdown.ts'

/** The API's largest page of messages. */
const PAGE_SIZE = 200

/** Hands a text to the browser to be saved as a file. */
const save = (name: string, text: string) => {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/markdown;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

/** Saves a conversation, all of it, as a Markdown file. */
export const useExport = () => {
  const client = useTRPCClient()
  return async ({ id }: Pick<Conversation, 'id'>): Promise<void> => {
    try {
      const messages: Message[] = []
      let cursor: string | null = null
      let conversation: Conversation
      do {
        const page: Awaited<ReturnType<typeof client.conversations.get.query>> = await client.conversations.get.query({
          id,
          limit: PAGE_SIZE,
          cursor,
        })
        messages.unshift(...page.messages)
        conversation = page.conversation
        cursor = page.nextCursor
      } while (cursor !== null)
      const options = { origin: window.location.origin, now: new Date() }
      save(exportFileName(conversation.title), conversationMarkdown(conversation, messages, options))
    } catch (error) {
      notifyProblem(error)
    }
  }
}
