import type { getConversationOutput, Message, SendOutput } from '@quarry/contracts'
import type { InfiniteData } from '@tanstack/react-query'
import type { z } from 'zod'
import type { RunState } from './run-state.ts'

type MessagePage = z.infer<typeof getConversationOutput>
/** A conversation as far as it was read: its newest messages first, then page by page those before them. */
export type ConversationPages = InfiniteData<MessagePage, string | null>

export interface ConversationView {
  readonly conversation: MessagePage['conversation']
  /** Oldest first. */
  readonly messages: readonly Message[]
}

const TITLE_LENGTH = 80

const emptyMessage = {
  citations: [],
  steps: [],
  abstained: false,
  model: null,
  failure: null,
  timings: null,
  feedback: null,
}

/** All that was read of a conversation, in the order of reading. */
export const viewOf = ({ pages }: ConversationPages): ConversationView | undefined => {
  const [newest] = pages
  return newest && { conversation: newest.conversation, messages: pages.toReversed().flatMap((page) => page.messages) }
}

/** A question and its coming answer, as the server will return them, appended at once. */
export const appendExchange = (
  cached: ConversationPages | undefined,
  text: string,
  sent: SendOutput,
  now: string,
): ConversationPages => {
  const { conversationId, userMessageId, messageId, runId } = sent
  const [newest, ...older] = cached?.pages ?? []
  const known = new Set(newest?.messages.map((m) => m.id))
  const exchange: Message[] = [
    {
      ...emptyMessage,
      id: userMessageId,
      conversationId,
      role: 'user',
      state: 'complete',
      text,
      runId: null,
      createdAt: now,
    },
    {
      ...emptyMessage,
      id: messageId,
      conversationId,
      role: 'assistant',
      state: 'streaming',
      text: '',
      runId,
      createdAt: now,
    },
  ]
  const page: MessagePage = {
    conversation: newest?.conversation ?? {
      id: conversationId,
      title: text.slice(0, TITLE_LENGTH),
      createdAt: now,
      updatedAt: now,
    },
    messages: [...(newest?.messages ?? []), ...exchange.filter((m) => !known.has(m.id))],
    nextCursor: newest?.nextCursor ?? null,
  }
  return { pages: [page, ...older], pageParams: cached?.pageParams ?? [null] }
}

/** The same conversation with one of its messages changed. */
export const changeMessage = (
  cached: ConversationPages,
  isMeant: (message: Message) => boolean,
  change: (message: Message) => Message,
): ConversationPages => ({
  ...cached,
  pages: cached.pages.map((page) => ({
    ...page,
    messages: page.messages.map((m) => (isMeant(m) ? change(m) : m)),
  })),
})

/** The same conversation with the answer of a run that ended filled in from its log. */
export const finishMessage = (cached: ConversationPages, runId: string, run: RunState): ConversationPages => {
  const { end } = run
  if (end === null) return cached
  return changeMessage(
    cached,
    (m) => m.runId === runId && m.state === 'streaming',
    (m) => ({
      ...m,
      state: end.state,
      text: run.text,
      citations: [...run.citations],
      steps: [...run.steps],
      abstained: end.abstained,
      model: end.model,
      timings: end.timings,
      failure: run.failure,
    }),
  )
}

/** The same conversation with an answer that is being written again, in its place; what it had stays until then. */
export const continueMessage = (cached: ConversationPages, { messageId, runId }: SendOutput): ConversationPages =>
  changeMessage(
    cached,
    (m) => m.id === messageId && m.runId !== runId,
    (m) => ({ ...m, state: 'streaming', runId, abstained: false, failure: null, timings: null }),
  )
