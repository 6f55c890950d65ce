import { defaultReportMessage } from 'fast-check'
import { expect, test } from 'vitest'
import { checkModel } from './testing/model/check-model.ts'
import { MUTATIONS } from './testing/model/mutations.ts'
import { withModelRedis } from './testing/model/with-redis.ts'

/** A rule that is missing shows within 100 to 6,000 runs. */
const RUNS = 20_000

const redis = withModelRedis()

test(`no answer in ${RUNS} runs is older than the bound`, async () => {
  const { details } = await checkModel(redis(), { numRuns: RUNS })
  expect(details.failed, defaultReportMessage(details) ?? '').toBe(false)
})

test.each(Object.entries(MUTATIONS))('the model finds in any order that %s', async (_what, mutation) => {
  const { details } = await checkModel(redis(), { numRuns: RUNS, endOnFailure: true }, mutation)
  expect(details.failed).toBe(true)
})
