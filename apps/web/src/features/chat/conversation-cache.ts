import type { getConversationOutput, Message, SendOutput } from '@quarry/contracts'
import type { z } from 'zod'
import type { RunState } from './run-state.ts'

export type ConversationView = z.infer<typeof getConversationOutput>

const TITLE_LENGTH = 80

const emptyMessage = {
  citations: [],
  abstained: false,
  model: null,
  failure: null,
  timings: null,
  feedback: null,
}

/** A question and its coming answer, as the server will return them, appended at once. */
export const appendExchange = (
  view: ConversationView | undefined,
  text: string,
  sent: SendOutput,
  now: string,
): ConversationView => {
  const { conversationId, userMessageId, messageId, runId } = sent
  const known = new Set(view?.messages.map((m) => m.id))
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
  return {
    conversation: view?.conversation ?? {
      id: conversationId,
      title: text.slice(0, TITLE_LENGTH),
      createdAt: now,
      updatedAt: now,
    },
    messages: [...(view?.messages ?? []), ...exchange.filter((m) => !known.has(m.id))],
  }
}

/** The same conversation with the answer of a run that ended filled in from its log. */
export const finishMessage = (view: ConversationView, runId: string, run: RunState): ConversationView => {
  const { end } = run
  if (end === null) return view
  return {
    ...view,
    messages: view.messages.map((m) =>
      m.runId === runId && m.state === 'streaming'
        ? {
            ...m,
            state: end.state,
            text: run.text,
            citations: [...run.citations],
            abstained: end.abstained,
            model: end.model,
            timings: end.timings,
            failure: run.failure,
          }
        : m,
    ),
  }
}
