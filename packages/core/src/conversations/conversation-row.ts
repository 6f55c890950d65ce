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
  type Message,
  type RunStep,
} from '@quarry/contracts'
import { schema } from '@quarry/db'
import { getTableColumns } from 'drizzle-orm'

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
  heading: row.heading,
  span: { start: row.spanStart, end: row.spanEnd },
  quote: row.quote,
  verified: row.verified,
})

/** All of a message but what only searches look at. */
const { folded: _, ...columns } = getTableColumns(message)
export const messageColumns = columns

type MessageRow = Omit<typeof message.$inferSelect, 'folded'>

/** What is read beside a message; nothing of it belongs to a question. */
interface AboutAnswer {
  readonly citations: readonly Citation[]
  readonly steps: readonly RunStep[]
  readonly run: Pick<typeof run.$inferSelect, 'id' | 'timings'> | undefined
  readonly feedback: Feedback | undefined
}

export const toMessage = (row: MessageRow, about: AboutAnswer): Message => ({
  id: messageId.parse(row.id),
  conversationId: conversationId.parse(row.conversationId),
  role: row.role,
  state: row.state,
  text: row.text,
  citations: [...about.citations],
  steps: [...about.steps],
  abstained: row.abstained,
  model: row.model,
  failure: row.failure,
  runId: about.run ? runId.parse(about.run.id) : null,
  timings: about.run?.timings ?? null,
  feedback: about.feedback ?? null,
  createdAt: row.createdAt.toISOString(),
})
