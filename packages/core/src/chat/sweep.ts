import { and, asc, eq, sql } from 'drizzle-orm'
import { orgId as orgIdSchema, type Actor } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { z } from 'zod'
import type { CoreDeps } from '../context.ts'
import { finishRun } from './finish.ts'
import { isLive } from './live-runs.ts'
import { Transcript } from './transcript.ts'

const deadRun = z.object({
  org_id: orgIdSchema,
  id: z.uuid(),
  message_id: z.uuid(),
  conversation_id: z.uuid(),
  owner_id: z.uuid(),
  attempt: z.int(),
  lease_holder: z.string().nullable(),
})

/**
 * Ends the runs whose process is gone: the message keeps the text that was recorded, as interrupted. A run is dead
 * when its heartbeat is older than `graceMs`; one that names this process, when nothing here works on it.
 * Returns how many were ended.
 */
export const sweepDeadRuns = async (deps: CoreDeps, graceMs: number): Promise<number> => {
  const result = await deps.database.system((tx) =>
    tx.execute(sql`
      select org_id, id, message_id, conversation_id, owner_id, attempt, lease_holder from run
      where state = 'running'
        and (lease_holder = ${deps.processId} or heartbeat_at is null
          or heartbeat_at <= now() - ${graceMs} * interval '1 millisecond')
      order by heartbeat_at limit 100`),
  )
  let ended = 0
  for (const row of z.array(deadRun).parse([...result])) {
    if (row.lease_holder === deps.processId && isLive(row.id)) continue
    if (await interrupt(deps, row)) ended++
  }
  return ended
}

const interrupt = async (deps: CoreDeps, row: z.infer<typeof deadRun>): Promise<boolean> => {
  const system: Actor = { kind: 'system', id: null, orgId: row.org_id, role: 'owner' }
  const tenantDb = deps.database.tenant(system)
  const { runPart } = schema
  const parts = await tenantDb.tx((tx) =>
    tx
      .select({ body: runPart.body })
      .from(runPart)
      .where(and(eq(runPart.orgId, row.org_id), eq(runPart.runId, row.id), eq(runPart.attempt, row.attempt)))
      .orderBy(asc(runPart.ordinal)),
  )
  const transcript = new Transcript()
  for (const part of parts) transcript.apply(part.body)
  return finishRun(
    tenantDb,
    {
      runId: row.id,
      messageId: row.message_id,
      conversationId: row.conversation_id,
      ownerId: row.owner_id,
      attempt: row.attempt,
    },
    {
      state: 'interrupted',
      text: transcript.text,
      citations: transcript.citations,
      abstained: false,
      model: deps.chatModel.id,
      failure: null,
      usage: { inputTokens: 0, outputTokens: 0, steps: 0 },
      timings: { firstTokenMs: null, totalMs: 0 },
    },
  )
}
