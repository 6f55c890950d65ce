import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { playRun, runActions } from '../testing/run-log-model.ts'
import { runLogProcess } from '../testing/run-log-process.ts'
import { startTestRedis, type TestRedis } from '../testing/test-redis.ts'

/** About 15 ms each. */
const RUNS = 300
const MOST_ACTIONS = 40
const TIMEOUT_MS = 120_000

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis.close())

test(
  'whatever is lost and whoever comes late, a reader gets what follows what it has, and never an older attempt again',
  async () => {
    const processes = [runLogProcess(redis.adapter), runLogProcess(redis.adapter)] as const
    let given = 0
    await fc.assert(
      fc.asyncProperty(runActions(MOST_ACTIONS), async (all) => {
        const played = await playRun(processes, all)
        given += played.given
        expect(played.wrong).toEqual([])
      }),
      { numRuns: RUNS },
    )
    // Readers did get something.
    expect(given).toBeGreaterThan(RUNS)
  },
  TIMEOUT_MS,
)
