import { z } from 'zod'
import { citationId, collectionId, conversationId, documentId, messageId, runId, versionId } from './ids.ts'
import { pageInput } from './pagination.ts'
import { span } from './search.ts'
import { text } from './text.ts'

/**
 * A place in a document that an answer rests on. In the answer's text it stands as `[^marker]`.
 * `verified`: the server re-read the page at `span` and found exactly `quote` there.
 */
export const citation = z.object({
  id: citationId,
  marker: z.int(),
  documentId,
  versionId,
  document: z.string(),
  title: z.string(),
  ordinal: z.int(),
  page: z.int().nullable(),
  /** The innermost heading above it; null where the document has none. */
  heading: z.string().nullable(),
  span,
  quote: z.string(),
  verified: z.boolean(),
})
export type Citation = z.infer<typeof citation>

export const usage = z.object({ inputTokens: z.int(), outputTokens: z.int(), steps: z.int() })
export type Usage = z.infer<typeof usage>
/** Milliseconds since the question was accepted. */
export const timings = z.object({ firstTokenMs: z.int().nullable(), totalMs: z.int() })
export type Timings = z.infer<typeof timings>

export const messageState = z.enum(['streaming', 'complete', 'stopped', 'interrupted', 'failed'])
export type MessageState = z.infer<typeof messageState>

export const runFailure = z.object({
  code: z.string(),
  message: z.string(),
  action: z.string(),
  retryable: z.boolean(),
})
export type RunFailure = z.infer<typeof runFailure>

/** What a model may do while it answers. */
export const answerTool = z.enum(['search_documents', 'read_document', 'find_in_document', 'list_documents'])
export type AnswerTool = z.infer<typeof answerTool>

/** One use of a tool, as a person follows it: what was looked for, and what came of it. */
export const runStep = z.object({
  callId: z.string(),
  tool: answerTool,
  summary: z.string(),
  /** Null while it is under way. */
  outcome: z.string().nullable(),
  failed: z.boolean(),
})
export type RunStep = z.infer<typeof runStep>

/** `waiting`: the model's provider has no room or was away; it is asked again in a moment. */
export const runStatus = z.enum(['started', 'searching', 'reading', 'writing', 'waiting'])
export type RunStatus = z.infer<typeof runStatus>

/** What a generation appends to its log. The log adds `id` (1, 2, 3 …, across attempts) and `attempt`. */
export const runEventBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('status'), status: runStatus }),
  z.object({ type: z.literal('text'), delta: z.string() }),
  z.object({
    type: z.literal('tool'),
    callId: z.string(),
    tool: answerTool,
    phase: z.enum(['call', 'result', 'error']),
    /** Words for a person: the query, or "12 passages in 3 documents". */
    summary: z.string(),
  }),
  z.object({ type: z.literal('citation'), citation }),
  /**
   * What was shown until now is void; this stands in its place. Without `text` nothing does. One event, so that a reader
   * who is cut off behind it has all of it or none.
   */
  z.object({
    type: z.literal('reset'),
    text: z.string().optional(),
    citations: z.array(citation).optional(),
    steps: z.array(runStep).optional(),
  }),
  /** This replica is going away: reconnect with the last id. */
  z.object({ type: z.literal('move') }),
  z.object({ type: z.literal('error'), failure: runFailure }),
  z.object({
    type: z.literal('end'),
    state: messageState.exclude(['streaming']),
    abstained: z.boolean(),
    model: z.string(),
    usage,
    timings,
  }),
])
export type RunEventBody = z.infer<typeof runEventBody>
export type RunEvent = RunEventBody & { readonly id: number; readonly attempt: number }

/**
 * A finished step of the agent, as a later attempt takes it up: what the model was told after the question, and what
 * readers have of it. The messages are those of the AI SDK's `ModelMessage`; `passages` is what labels in them stand for.
 */
export interface FinishedStep {
  readonly type: 'step'
  readonly messages: readonly unknown[]
  readonly passages: unknown
  /** Of the whole answer so far, this step included. */
  readonly text: string
  readonly citations: readonly Citation[]
  readonly steps: readonly RunStep[]
  readonly usage: Usage
}
/** What `run_part` keeps. */
export type RunPartBody = RunEventBody | FinishedStep

/** The steps after one more event of a tool. */
export const addToolEvent = (
  steps: readonly RunStep[],
  { callId, tool, phase, summary }: Extract<RunEventBody, { type: 'tool' }>,
): readonly RunStep[] => {
  if (phase === 'call') return [...steps, { callId, tool, summary, outcome: null, failed: false }]
  return steps.map((step) => (step.callId === callId ? { ...step, outcome: summary, failed: phase === 'error' } : step))
}

/** Reasons of a person who was not helped; `other` wants a comment. */
export const FEEDBACK_REASONS = {
  wrong: 'The answer is wrong',
  wrong_source: 'The citation does not support it',
  incomplete: 'Something is missing',
  not_found: 'The documents do have it',
  unclear: 'It is hard to understand',
  other: 'Something else',
} as const
export const feedbackReason = z.enum(
  Object.keys(FEEDBACK_REASONS) as [keyof typeof FEEDBACK_REASONS, ...(keyof typeof FEEDBACK_REASONS)[]],
)
export const feedback = z.object({
  rating: z.enum(['up', 'down']),
  reason: feedbackReason.nullable(),
  comment: text.trim().max(2000).nullable(),
})
export type Feedback = z.infer<typeof feedback>

export const message = z.object({
  id: messageId,
  conversationId,
  role: z.enum(['user', 'assistant']),
  state: messageState,
  text: z.string(),
  citations: z.array(citation),
  /** What was done for it, in order. */
  steps: z.array(runStep),
  abstained: z.boolean(),
  model: z.string().nullable(),
  failure: runFailure.nullable(),
  runId: runId.nullable(),
  timings: timings.nullable(),
  feedback: feedback.nullable(),
  createdAt: z.iso.datetime(),
})
export type Message = z.infer<typeof message>

export const conversation = z.object({
  id: conversationId,
  title: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})
export type Conversation = z.infer<typeof conversation>

/** `match`: a piece of the newest message that has the words searched for; null where the title has them all. */
export const conversationItem = conversation.extend({ match: z.string().nullable() })
export type ConversationItem = z.infer<typeof conversationItem>

export const conversationTitle = text.trim().min(1).max(200)
/** `query`: words that the title or a message has. `collectionId`: those that were asked in it, or whose answers cite it. */
export const listConversationsInput = pageInput.extend({
  query: text.max(200).nullish(),
  collectionId: collectionId.nullish(),
})
export const renameConversationInput = z.strictObject({ id: conversationId, title: conversationTitle })

/** Null takes it back. A reason is for a `down`, and the reason `other` needs the comment that says which. */
export const setFeedbackInput = z.strictObject({
  messageId,
  feedback: feedback
    .refine(({ rating, reason }) => rating === 'down' || reason === null, {
      path: ['reason'],
      message: 'is for answers that did not help',
    })
    .refine(({ reason, comment }) => reason !== 'other' || (comment ?? '') !== '', {
      path: ['comment'],
      message: 'is needed where no other reason fits',
    })
    .nullable(),
})
export const conversationRef = z.strictObject({ id: conversationId })
/** How long a deleted conversation can be had back. */
export const CONVERSATION_UNDO_MS = 10 * 60_000

/** `cursor`: the page of messages before the one that gave it. */
export const getConversationInput = conversationRef.extend({
  cursor: z.string().max(500).nullish(),
  /** Fifty questions and their answers: more than anybody reads at once. */
  limit: z.int().min(1).max(200).default(100),
  /** tRPC's client adds it to the input of an infinite query. */
  direction: z.literal('forward').optional(),
})
/** The newest messages, or the ones before `cursor`; oldest first. `nextCursor`: those before them, null at the beginning. */
export const getConversationOutput = z.object({
  conversation,
  messages: z.array(message),
  nextCursor: z.string().nullable(),
})

/** `conversationId` absent: a new conversation. The same key and body give the same reply, another body is refused. */
export const sendInput = z.strictObject({
  conversationId: conversationId.nullish(),
  text: text.trim().min(1).max(8000),
  collectionIds: z.array(collectionId).max(100).nullish(),
  documentIds: z.array(documentId).max(100).nullish(),
  idempotencyKey: text.min(8).max(100),
})
export type SendInput = z.infer<typeof sendInput>
export const sendOutput = z.object({ conversationId, userMessageId: messageId, messageId, runId })
export type SendOutput = z.infer<typeof sendOutput>

/** `lastEventId`: the id of the last event seen; the stream goes on after it. */
export const streamInput = z.strictObject({
  runId,
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .nullish(),
})
export const stopInput = z.strictObject({ runId })

/** An answer that was cut off, failed or was stopped: it is written again from its last finished step, in its place. */
export const continueInput = z.strictObject({ messageId, idempotencyKey: text.min(8).max(100) })
export type ContinueInput = z.infer<typeof continueInput>
