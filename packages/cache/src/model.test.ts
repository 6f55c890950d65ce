import { defaultReportMessage } from 'fast-check'
import { expect, test } from 'vitest'
import { checkModel } from './testing/model/check-model.ts'
import { MUTATIONS } from './testing/model/mutations.ts'
import { withModelRedis } from './testing/model/with-redis.ts'

/** About 8 ms each; thousands of them are in model.proof.test.ts. */
const RUNS = 300
/** What one rule less leads to may need a dozen steps in a row, which is rare. */
const MUTATION_RUNS = 20_000
/** Only shortens the search: with these seeds it is found within 30 runs, the last one within 700. */
const SEEDS: Readonly<Record<keyof typeof MUTATIONS, number>> = {
  'the versions are read after the answer': 39,
  'the outbox is emptied, and nothing published': 39,
  'Redis is believed without a look at the outbox': 39,
  'who has written does not say so': 39,
  'a late writer lowers a version (SET in place of SETMAX)': 22,
  'a version is kept though others were published meanwhile': 2,
  'rows are deleted before they are published': 4,
  'another Redis is believed at once': 22,
}
const MUTATION_TIMEOUT_MS = 300_000

const redis = withModelRedis()

test('no answer is older than the bound, whoever crashes, comes late or is cut off', async () => {
  const { details, told } = await checkModel(redis(), { numRuns: RUNS })
  expect(details.failed, defaultReportMessage(details) ?? '').toBe(false)
  expect(told).toBeGreaterThan(RUNS)
})

test.each(Object.keys(MUTATIONS) as (keyof typeof MUTATIONS)[])(
  'the model finds that %s',
  async (what) => {
    const { details } = await checkModel(
      redis(),
      { numRuns: MUTATION_RUNS, seed: SEEDS[what], endOnFailure: true },
      MUTATIONS[what],
    )
    expect(details.failed).toBe(true)
    expect(details.errorInstance).toMatchObject({ message: expect.stringContaining('was told') })
  },
  MUTATION_TIMEOUT_MS,
)
