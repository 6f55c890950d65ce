import type { Redis } from 'ioredis'
import type { Outcome, TimedBucket } from './bucket-level.ts'
import { TOKEN_BUCKET_SCRIPT, TOKEN_BUCKET_SHA } from './token-bucket-script.ts'

/** Charges buckets in Redis, in one round trip. Its keys are of several owners: a Redis Cluster would refuse them. */
export const chargeInRedis = async (redis: Redis, buckets: readonly TimedBucket[]): Promise<Outcome> => {
  const keys = buckets.map(({ key }) => key)
  const amounts = buckets.flatMap(({ refillUs, costUs }) => [refillUs, costUs])
  const answer = await redis.evalsha(TOKEN_BUCKET_SHA, keys.length, ...keys, ...amounts).catch((error: unknown) => {
    // A Redis that was restarted, or replaced, does not know the script yet.
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    return redis.eval(TOKEN_BUCKET_SCRIPT, keys.length, ...keys, ...amounts)
  })
  if (!isNumbers(answer)) throw new TypeError('the script of the token buckets answered something else')
  const [refusedBy = 0, waitUs = 0, ...missingUs] = answer
  return { refusedBy: refusedBy - 1, waitUs, missingUs }
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number')
