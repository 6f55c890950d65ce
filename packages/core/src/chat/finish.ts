import { createHash } from 'node:crypto'
import { and, eq, notInArray } from 'drizzle-orm'
import type { Citation, MessageState, RunFailure, RunId, Timings, Usage } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb } from '@quarry/db'

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

/**
 * Stores how a run ended and what it used, in one transaction. Returns false, and writes nothing, when the run is gone, has ended
 * already, or belongs to a newer attempt.
 */
export const finishRun = (tenantDb: TenantDb, row: RunRow, outcome: Outcome): Promise<boolean> => {
  const { orgId } = tenantDb.actor
  const { citation, conversation, message, run, usageEvent } = schema
  const { state, model, usage, timings } = outcome
  return tenantDb.tx(async (tx) => {
    const ended = await tx
      .update(run)
      .set({ state, model, usage, timings, endedAt: new Date(), leaseHolder: null })
      .where(and(eq(run.orgId, orgId), eq(run.id, row.runId), eq(run.attempt, row.attempt), eq(run.state, 'running')))
      .returning({ id: run.id })
    if (ended.length === 0) return false
    await tx
      .update(message)
      .set({ state, text: outcome.text, abstained: outcome.abstained, model, failure: outcome.failure })
      .where(and(eq(message.orgId, orgId), eq(message.id, row.messageId)))
    // Of an answer that was continued: those that it had before.
    const kept = outcome.citations.map(({ id }) => id)
    await tx
      .delete(citation)
      .where(and(eq(citation.orgId, orgId), eq(citation.messageId, row.messageId), notInArray(citation.id, kept)))
    if (outcome.citations.length > 0)
      await tx
        .insert(citation)
        .values(outcome.citations.map((c) => citationRow(orgId, row, c)))
        .onConflictDoNothing()
    const { inputTokens, outputTokens } = usage
    await tx.insert(usageEvent).values({
      ...{ orgId, id: row.runId, kind: 'answer', ownerId: row.ownerId },
      ...{ model: model ?? '', inputTokens, outputTokens },
    })
    await tx
      .update(conversation)
      .set({ updatedAt: new Date() })
      .where(and(eq(conversation.orgId, orgId), eq(conversation.id, row.conversationId)))
    await emitSignal(tx, 'conversation', row.conversationId)
    return true
  })
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
