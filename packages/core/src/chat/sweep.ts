import { and, asc, eq, isNull, lte, or, sql } from 'drizzle-orm'
import { orgId as orgIdSchema } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import { finishRun, type RunRow } from './finish.ts'
import { isLive } from './live-runs.ts'
import { Transcript } from './transcript.ts'

/** A crash leaves what one process was writing; more than this waits for the next sweep. */
const RUNS_PER_SWEEP = 100

/** A question is in the database a moment before this process knows of the answer that it begins. */
const OWN_GRACE_MS = 10_000

interface DeadRun extends RunRow {
  readonly orgId: string
}

const columns = {
  orgId: schema.run.orgId,
  runId: schema.run.id,
  messageId: schema.run.messageId,
  conversationId: schema.run.conversationId,
  ownerId: schema.run.ownerId,
  attempt: schema.run.attempt,
  leaseHolder: schema.run.leaseHolder,
}

/**
 * Ends the runs whose process is gone: the message keeps the text that was recorded, as interrupted. A run is dead
 * when its heartbeat is older than `graceMs`; one that names this process, when nothing here has worked on it for a while.
 * Returns how many were ended.
 */
export const sweepDeadRuns = async (deps: CoreDeps, graceMs: number): Promise<number> => {
  const { run } = schema
  const dead = await deps.database.system((tx) =>
    tx
      .select(columns)
      .from(run)
      .where(
        and(
          eq(run.state, 'running'),
          or(
            isNull(run.heartbeatAt),
            lte(
              run.heartbeatAt,
              sql`now() - case when ${run.leaseHolder} = ${deps.processId} then ${OWN_GRACE_MS}::float8 else ${graceMs}::float8 end * interval '1 millisecond'`,
            ),
          ),
        ),
      )
      .orderBy(asc(run.heartbeatAt))
      .limit(RUNS_PER_SWEEP),
  )
  let ended = 0
  for (const row of dead) {
    if (row.leaseHolder === deps.processId && isLive(row.runId)) continue
    if (await interrupt(deps, row)) ended++
  }
  return ended
}

const interrupt = async (deps: CoreDeps, row: DeadRun): Promise<boolean> => {
  const orgId = orgIdSchema.parse(row.orgId)
  const tenantDb = deps.database.tenant({ kind: 'system', id: null, orgId, role: 'owner' })
  const { runPart } = schema
  const parts = await tenantDb.tx((tx) =>
    tx
      .select({ body: runPart.body })
      .from(runPart)
      .where(and(eq(runPart.orgId, orgId), eq(runPart.runId, row.runId), eq(runPart.attempt, row.attempt)))
      .orderBy(asc(runPart.ordinal)),
  )
  const transcript = new Transcript()
  for (const { body } of parts) if (body.type !== 'step') transcript.add(body)
  return finishRun(tenantDb, row, {
    state: 'interrupted',
    text: transcript.text,
    citations: transcript.citations,
    abstained: false,
    model: deps.chatModel.id,
    failure: null,
    usage: { inputTokens: 0, outputTokens: 0, steps: 0 },
    timings: { firstTokenMs: null, totalMs: 0 },
  })
}
