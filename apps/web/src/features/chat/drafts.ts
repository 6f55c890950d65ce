import type { ConversationId } from '@quarry/contracts'

/** Unsent text by conversation, kept while the app is open, so that a look at the documents loses nothing. */
const drafts = new Map<ConversationId | null, string>()

/** Of this tab only, and only over a reload. */
const KEY = 'quarry.drafts'
let restored = false

export const readDraft = (conversation: ConversationId | null): string => {
  restore()
  return drafts.get(conversation) ?? ''
}

export const writeDraft = (conversation: ConversationId | null, text: string): void => {
  restore()
  if (text === '') drafts.delete(conversation)
  else drafts.set(conversation, text)
}

/** Takes what is unsent over the reload that follows. */
export const keepDrafts = (): void => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...drafts]))
  } catch {
    // A browser that keeps nothing: the text is lost, as with any reload.
  }
}

const restore = () => {
  if (restored || typeof sessionStorage === 'undefined') return
  restored = true
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? '[]') as [ConversationId | null, string][]
    sessionStorage.removeItem(KEY)
    for (const [conversation, text] of kept) drafts.set(conversation, text)
  } catch {
    // Not ours, or not to be read.
  }
}
