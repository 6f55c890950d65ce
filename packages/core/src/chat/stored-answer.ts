import { and, asc, eq } from 'drizzle-orm'
import type { RunEventBody } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import { messageColumns, toCitation } from '../conversations/conversation-row.ts'

/**
 * A run that has ended as events, the same ones each time: a reset, all of the answer, its end. Null while it goes on,
 * and when it is not there or not visible.
 */
export const readStoredAnswer = async (
  tenantDb: TenantDb,
  runId: string,
): Promise<{ attempt: number; bodies: RunEventBody[] } | null> => {
  const { orgId } = tenantDb.actor
  const { citation, message, run } = schema
  return tenantDb.tx(async (tx) => {
    const [found] = await tx
      .select({ run, message: messageColumns })
      .from(run)
      .innerJoin(message, and(eq(message.orgId, run.orgId), eq(message.id, run.messageId)))
      .where(and(eq(run.orgId, orgId), eq(run.id, runId)))
    if (!found || found.run.state === 'running') return null
    const citations = await tx
      .select()
      .from(citation)
      .where(and(eq(citation.orgId, orgId), eq(citation.messageId, found.message.id)))
      .orderBy(asc(citation.marker))
    const { text, failure, abstained, model } = found.message
    const { state, attempt, usage, timings } = found.run
    const bodies: RunEventBody[] = [
      { type: 'reset' },
      ...(text === '' ? [] : [{ type: 'text', delta: text } as const]),
      ...citations.map((c) => ({ type: 'citation', citation: toCitation(c) }) as const),
      ...(failure ? [{ type: 'error', failure } as const] : []),
      {
        type: 'end',
        state,
        abstained,
        model: model ?? '',
        usage: usage ?? { inputTokens: 0, outputTokens: 0, steps: 0 },
        timings: timings ?? { firstTokenMs: null, totalMs: 0 },
      },
    ]
    return { attempt, bodies }
  })
}
