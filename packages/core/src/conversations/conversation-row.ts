import {
  citationId,
  conversationId,
  documentId,
  messageId,
  runId,
  versionId,
  type Citation,
  type Conversation,
  type Feedback,
} from '@quarry/contracts'
import { schema } from '@quarry/db'

const { citation, conversation, message, run } = schema

export const toConversation = (
  row: Pick<typeof conversation.$inferSelect, 'id' | 'title' | 'createdAt' | 'updatedAt'>,
): Conversation => ({
  id: conversationId.parse(row.id),
  title: row.title,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
})

export const toCitation = (row: typeof citation.$inferSelect): Citation => ({
  id: citationId.parse(row.id),
  marker: row.marker,
  documentId: documentId.parse(row.documentId),
  versionId: versionId.parse(row.versionId),
  document: row.document,
  title: row.title,
  ordinal: row.ordinal,
  page: row.page,
  span: { start: row.spanStart, end: row.spanEnd },
  quote: row.quote,
  verified: row.verified,
})

type MessageRow = typeof message.$inferSelect
type RunRow = Pick<typeof run.$inferSelect, 'id' | 'timings'>

export const toMessage = (
  row: MessageRow,
  citations: readonly Citation[],
  ofRun: RunRow | undefined,
  feedback: Feedback | undefined,
) => ({
  id: messageId.parse(row.id),
  conversationId: conversationId.parse(row.conversationId),
  role: row.role,
  state: row.state,
  text: row.text,
  citations: [...citations],
  abstained: row.abstained,
  model: row.model,
  failure: row.failure,
  runId: ofRun ? runId.parse(ofRun.id) : null,
  timings: ofRun?.timings ?? null,
  feedback: feedback ?? null,
  createdAt: row.createdAt.toISOString(),
})
