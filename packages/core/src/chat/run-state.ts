import { and, asc, eq, sql, type SQL } from 'drizzle-orm'
import type { FinishedStep, RunEventBody, Usage } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'
import { Transcript } from './transcript.ts'

/** What Postgres knows of an answer that is being written. */
export interface RunState {
  readonly shown: Pick<Transcript, 'text' | 'citations' | 'steps'>
  /** Steps that a later attempt goes on from, oldest first. */
  readonly finished: readonly FinishedStep[]
  /** The newest event that `shown` has; 0 before the first. */
  readonly lastEventId: number
  /** Of the next part. */
  readonly nextOrdinal: number
}

export const NOTHING_YET: RunState = {
  shown: { text: '', citations: [], steps: [] },
  finished: [],
  lastEventId: 0,
  nextOrdinal: 0,
}

/** The recorded parts of a run, in order. */
const readParts = (tx: TenantTx, orgId: string, runId: string, which?: SQL) => {
  const { runPart } = schema
  return tx
    .select({ ordinal: runPart.ordinal, lastEventId: runPart.lastEventId, body: runPart.body })
    .from(runPart)
    .where(and(eq(runPart.orgId, orgId), eq(runPart.runId, runId), which))
    .orderBy(asc(runPart.ordinal))
}

/**
 * What a reader is shown after the recorded parts. Without the finished steps, which are all that the model was told and
 * many times as long.
 */
export const readShown = async (
  tx: TenantTx,
  orgId: string,
  runId: string,
): Promise<Pick<RunState, 'shown' | 'lastEventId'>> => {
  const parts = await readParts(tx, orgId, runId, sql`${schema.runPart.body} ->> 'type' <> 'step'`)
  const shown = new Transcript()
  for (const { body } of parts) if (body.type !== 'step') shown.add(body)
  return { shown, lastEventId: parts.at(-1)?.lastEventId ?? 0 }
}

/** The state of a run after its recorded parts. */
export const readRunState = async (tx: TenantTx, orgId: string, runId: string): Promise<RunState> => {
  const parts = await readParts(tx, orgId, runId)
  const shown = new Transcript()
  let finished: FinishedStep[] = []
  for (const { body } of parts) {
    if (body.type === 'step') finished.push(body)
    else {
      // A reset without steps is that of an attempt that began with the question again.
      if (body.type === 'reset' && (body.steps ?? []).length === 0) finished = []
      shown.add(body)
    }
  }
  const { text, citations, steps } = shown
  const last = parts.at(-1)
  return {
    shown: { text, citations, steps },
    finished,
    lastEventId: last?.lastEventId ?? 0,
    nextOrdinal: last === undefined ? 0 : last.ordinal + 1,
  }
}

/** One event that puts this on every reader's screen, in the place of what was there. */
export const resetTo = ({ text, citations, steps }: RunState['shown']): RunEventBody => ({
  type: 'reset',
  ...(text !== '' && { text }),
  ...(citations.length > 0 && { citations: [...citations] }),
  ...(steps.length > 0 && { steps: [...steps] }),
})

/** What the finished steps left on the screen. */
export const shownAfter = (finished: readonly FinishedStep[]): RunState['shown'] => finished.at(-1) ?? NOTHING_YET.shown

export const usageOf = (finished: readonly FinishedStep[]): Usage =>
  finished.at(-1)?.usage ?? { inputTokens: 0, outputTokens: 0, steps: 0 }
