import { setTimeout as delay } from 'node:timers/promises'
import { and, eq } from 'drizzle-orm'
import { AppError, type MessageState, type RunEventBody } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import { isUnavailable } from '../unavailable.ts'
import { finishRun, keepsStored, type Outcome, type RunRow } from './finish.ts'
import { readRunState, resetTo, usageOf } from './run-state.ts'
import { readStoredAnswer } from './stored-answer.ts'

const LAST_PAUSE_MS = 18_000
/** The end of an answer is worth more than one try: together half a minute, which is how long a database restart takes. */
const FINISH_RETRIES_MS = [250, 1000, 3000, 8000, LAST_PAUSE_MS]
/** A finished answer is lost with this process only: while it lives it waits as long as a database is restored from standby. */
const FINISH_LONGER_MS = 5 * 60_000

type Append = (bodies: readonly RunEventBody[]) => Promise<unknown>

/** Stores how an answer ended, and then tells its readers. Throws what the database throws, after some minutes. */
export const endRun = async (
  deps: CoreDeps,
  tenantDb: TenantDb,
  row: RunRow,
  outcome: Outcome,
  append: Append,
): Promise<void> => {
  let bodies: readonly RunEventBody[] = [endOf(outcome)]
  try {
    const stored = await storeEnd(deps, () => finishRun(tenantDb, row, outcome))
    if (!stored) {
      // A newer attempt says how it ends.
      if (await goesOn(tenantDb, row.runId)) return
      // Ended elsewhere, as one that looked dead: what readers are told last is what they will find again.
      bodies = (await readStoredAnswer(tenantDb, row.runId))?.bodies ?? bodies
    } else if (keepsStored(outcome)) bodies = await keptBodies(deps, tenantDb, row, bodies)
  } catch (error) {
    // The sweep stores the same a little later; nobody has to wait for it.
    await tell(append, [endOf({ ...outcome, state: 'interrupted' })])
    throw error
  }
  await tell(append, bodies)
}

/**
 * Ends a run that nobody writes, with what was recorded of it: this process has claimed it. Returns false when it was not
 * its own any more.
 */
export const finishUnheard = async (
  deps: CoreDeps,
  tenantDb: TenantDb,
  row: RunRow,
  state: 'interrupted' | 'stopped',
): Promise<boolean> => {
  const { orgId } = tenantDb.actor
  const { shown, finished, lastEventId } = await tenantDb.tx((tx) => readRunState(tx, orgId, row.runId))
  const outcome: Outcome = {
    state,
    text: shown.text.trimEnd(),
    citations: shown.citations,
    abstained: false,
    model: deps.chatModel.id,
    failure: null,
    usage: usageOf(finished),
    timings: { firstTokenMs: null, totalMs: 0 },
  }
  if (!(await finishRun(tenantDb, row, outcome))) return false
  // Who reads from the log waits for its end there; a log that has one, or that nobody reaches, needs none.
  const writer = await deps.runLog.open({ orgId, runId: row.runId }, row.attempt, lastEventId).catch(() => null)
  if (writer === null) return true
  const bodies = [resetTo(shown), endOf(outcome)]
  const told = keepsStored(outcome) ? await keptBodies(deps, tenantDb, row, bodies) : bodies
  await tell((some) => writer.append(some), told)
  return true
}

/**
 * What readers are told in the end of a run that left an earlier text as it was: that text, where there is one; otherwise
 * `without`.
 */
const keptBodies = async (
  { logger }: CoreDeps,
  tenantDb: TenantDb,
  { runId }: RunRow,
  without: readonly RunEventBody[],
): Promise<readonly RunEventBody[]> => {
  try {
    const stored = await readStoredAnswer(tenantDb, runId)
    return stored?.bodies.some(({ type }) => type === 'text') ? stored.bodies : without
  } catch (err) {
    // The end is stored: who reads the conversation again has the text.
    logger.warn({ err, runId }, 'readers of a run could not be shown the text that was kept')
    return without
  }
}

const endOf = ({ state, abstained, model, usage, timings }: Outcome): RunEventBody => ({
  type: 'end',
  state: state satisfies Exclude<MessageState, 'streaming'>,
  abstained,
  model: model ?? '',
  usage,
  timings,
})

/** A log that another attempt has, or that has ended, has told its readers already. */
const tell = async (append: Append, bodies: readonly RunEventBody[]): Promise<void> => {
  try {
    await append(bodies)
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'conflict')) throw error
  }
}

const goesOn = async (tenantDb: TenantDb, runId: string): Promise<boolean> => {
  const { run } = schema
  const [row] = await tenantDb.tx((tx) =>
    tx
      .select({ state: run.state })
      .from(run)
      .where(and(eq(run.orgId, tenantDb.actor.orgId), eq(run.id, runId))),
  )
  return row?.state === 'running'
}

const storeEnd = async (deps: CoreDeps, store: () => Promise<boolean>): Promise<boolean> => {
  for (const waitMs of FINISH_RETRIES_MS) {
    try {
      return await store()
    } catch (err) {
      // What was refused for itself would be refused again.
      if (!isUnavailable(err)) throw err
      deps.logger.warn({ err }, 'the end of a run could not be stored; trying again')
      await delay(waitMs)
    }
  }
  const giveUpAt = performance.now() + FINISH_LONGER_MS
  for (;;) {
    try {
      return await store()
    } catch (err) {
      if (!isUnavailable(err) || deps.shutdown.aborted || performance.now() >= giveUpAt) throw err
      // A process that goes away tries once more.
      await delay(LAST_PAUSE_MS, undefined, { signal: deps.shutdown }).catch(() => undefined)
    }
  }
}
