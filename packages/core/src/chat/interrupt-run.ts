import type { TenantDb } from '@quarry/db'
import { finishRun, type RunRow } from './finish.ts'
import { readRunState, usageOf } from './run-state.ts'

/**
 * Ends a run that nobody writes any more: the message keeps what was recorded, as interrupted, and what its finished
 * steps used is counted. False, and nothing is written, when somebody has claimed or ended it meanwhile. Readers find the
 * end in the database.
 */
export const interruptRun = async (tenantDb: TenantDb, row: RunRow, model: string): Promise<boolean> => {
  const { orgId } = tenantDb.actor
  const { shown, finished } = await tenantDb.tx((tx) => readRunState(tx, orgId, row.runId))
  return finishRun(tenantDb, row, {
    state: 'interrupted',
    text: shown.text.trimEnd(),
    citations: shown.citations,
    abstained: false,
    model,
    failure: null,
    usage: usageOf(finished),
    timings: { firstTokenMs: null, totalMs: 0 },
  })
}
