import { type ConversationId, type SendInput, sendInput } from '@quarry/contracts'

const STORAGE_KEY = 'quarry-unsent'

/** Keys of questions that this page has submitted itself: it shows them as waiting, and need not restore them. */
const submittedHere = new Set<string>()

/**
 * Keeps a question until the server has confirmed it, so that a reload does not lose one that waits at a limit. Of this
 * tab only, and only for the person who asked it.
 */
export const keepUnsent = (owner: string, question: SendInput): void => {
  submittedHere.add(question.idempotencyKey)
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ owner, question }))
  } catch {
    // Storage can be refused; then a reload loses the question, as it would without this.
  }
}

export const forgetUnsent = (): void => {
  try {
    sessionStorage.removeItem(STORAGE_KEY)
  } catch {
    // As above.
  }
}

/** The question that the page before this one did not get to send; null where there is none of this conversation. */
export const readUnsent = (owner: string, conversationId: ConversationId | null): SendInput | null => {
  const question = stored(owner)
  if (question === null || submittedHere.has(question.idempotencyKey)) return null
  return (question.conversationId ?? null) === conversationId ? question : null
}

const stored = (owner: string): SendInput | null => {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('owner' in kept && 'question' in kept)) return null
    return kept.owner === owner ? (sendInput.safeParse(kept.question).data ?? null) : null
  } catch {
    return null
  }
}

/** Whether it is the same question in the same scope: it may have arrived, and its key says that it is the same one. */
export const isSameQuestion = (a: SendInput, b: SendInput): boolean => {
  const body = ({ conversationId, text, collectionIds, documentIds }: SendInput) =>
    JSON.stringify([conversationId ?? null, text, collectionIds ?? null, documentIds ?? null])
  return body(a) === body(b)
}
