import { createHash } from 'node:crypto'
import { and, eq, notInArray } from 'drizzle-orm'
import type { Citation, MessageState, RunFailure, RunId, Timings, Usage } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb, type TenantTx } from '@quarry/db'

export interface RunRow {
  readonly runId: RunId
  readonly messageId: string
  readonly conversationId: string
  readonly ownerId: string
  readonly attempt: number
}

export interface Outcome {
  readonly state: Exclude<MessageState, 'streaming'>
  readonly text: string
  readonly citations: readonly Citation[]
  readonly abstained: boolean
  readonly model: string | null
  readonly failure: RunFailure | null
  readonly usage: Usage
  readonly timings: Timings
}

/** A run that was cut off before its first word has nothing to put in the place of an answer that it was to go on with. */
export const keepsStored = ({ state, text }: Pick<Outcome, 'state' | 'text'>): boolean =>
  state !== 'complete' && text.trim() === ''

/**
 * Stores how a run ended and what it used, in one transaction; see `keepsStored` for what is left of the message. Returns false, and writes nothing, when the run is gone, has ended
 * already, or belongs to a newer attempt.
 */
export const finishRun = (tenantDb: TenantDb, row: RunRow, outcome: Outcome): Promise<boolean> => {
  const { orgId } = tenantDb.actor
  const { conversation, message, run, usageEvent } = schema
  const { state, text, model, usage, timings } = outcome
  const replaces = !keepsStored(outcome)
  return tenantDb.tx(async (tx) => {
    const ended = await tx
      .update(run)
      .set({ state, model, usage, timings, endedAt: new Date(), leaseHolder: null })
      .where(and(eq(run.orgId, orgId), eq(run.id, row.runId), eq(run.attempt, row.attempt), eq(run.state, 'running')))
      .returning({ id: run.id })
    if (ended.length === 0) return false
    const { inputTokens, outputTokens } = usage
    // None needs another's answer: they leave together.
    await Promise.all([
      tx
        .update(message)
        .set({ state, model, failure: outcome.failure, ...(replaces && { text, abstained: outcome.abstained }) })
        .where(and(eq(message.orgId, orgId), eq(message.id, row.messageId))),
      replaces && replaceCitations(tx, orgId, row, outcome.citations),
      tx.insert(usageEvent).values({
        ...{ orgId, id: row.runId, kind: 'answer', ownerId: row.ownerId },
        ...{ model: model ?? '', inputTokens, outputTokens },
      }),
      tx
        .update(conversation)
        .set({ updatedAt: new Date() })
        .where(and(eq(conversation.orgId, orgId), eq(conversation.id, row.conversationId))),
      emitSignal(tx, 'conversation', row.conversationId),
    ])
    return true
  })
}

const replaceCitations = async (
  tx: TenantTx,
  orgId: string,
  row: RunRow,
  citations: readonly Citation[],
): Promise<void> => {
  const { citation } = schema
  // Of an answer that was continued: those that it had before.
  const kept = citations.map(({ id }) => id)
  await tx
    .delete(citation)
    .where(and(eq(citation.orgId, orgId), eq(citation.messageId, row.messageId), notInArray(citation.id, kept)))
  if (citations.length > 0)
    await tx
      .insert(citation)
      .values(citations.map((c) => citationRow(orgId, row, c)))
      .onConflictDoNothing()
}

const citationRow = (orgId: string, row: RunRow, c: Citation) => ({
  orgId,
  id: c.id,
  messageId: row.messageId,
  ownerId: row.ownerId,
  marker: c.marker,
  documentId: c.documentId,
  versionId: c.versionId,
  document: c.document,
  title: c.title,
  ordinal: c.ordinal,
  page: c.page,
  heading: c.heading,
  spanStart: c.span.start,
  spanEnd: c.span.end,
  quote: c.quote,
  quoteHash: createHash('sha256').update(c.quote).digest('hex'),
  verified: c.verified,
})
