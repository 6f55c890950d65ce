import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { addToolEvent, type RunPartBody, type RunStep } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'

/** What was done for the answers of these runs, by run, as the recorded events tell it. */
export const readSteps = async (
  tx: TenantTx,
  orgId: string,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RunStep[]>> => {
  if (runIds.length === 0) return new Map()
  const { run, runPart } = schema
  const parts = await tx
    .select({ runId: runPart.runId, body: runPart.body })
    .from(runPart)
    .innerJoin(run, and(eq(run.orgId, runPart.orgId), eq(run.id, runPart.runId), eq(run.attempt, runPart.attempt)))
    .where(
      and(
        eq(runPart.orgId, orgId),
        inArray(runPart.runId, [...runIds]),
        // The text of an answer is most of its log, and is not wanted.
        sql`${runPart.body}->>'type' in ('tool', 'reset')`,
      ),
    )
    .orderBy(asc(runPart.runId), asc(runPart.ordinal))
  const steps = new Map<string, readonly RunStep[]>()
  for (const { runId, body } of parts)
    steps.set(runId, body.type === 'tool' ? addToolEvent(steps.get(runId) ?? [], body) : stepsOf(body))
  return steps
}

/** What an attempt goes on from. */
const stepsOf = (body: RunPartBody): readonly RunStep[] => (body.type === 'reset' && body.steps) || []
