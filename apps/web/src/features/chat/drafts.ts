import type { ConversationId } from '@quarry/contracts'

/** Unsent text by conversation, kept while the app is open, so that a look at the documents loses nothing. */
const drafts = new Map<ConversationId | null, string>()

export const readDraft = (conversation: ConversationId | null): string => drafts.get(conversation) ?? ''

export const writeDraft = (conversation: ConversationId | null, text: string): void => {
  if (text === '') drafts.delete(conversation)
  else drafts.set(conversation, text)
}
