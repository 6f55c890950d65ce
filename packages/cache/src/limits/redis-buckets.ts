import type { Redis } from 'ioredis'
import { redisScript } from '../redis/script.ts'
import type { Outcome, TimedBucket } from './bucket-level.ts'
import { TOKEN_BUCKET_SCRIPT } from './token-bucket-script.ts'

const charge = redisScript(TOKEN_BUCKET_SCRIPT)

/** Charges buckets in Redis, in one round trip. Its keys are of several owners: a Redis Cluster would refuse them. */
export const chargeInRedis = async (redis: Redis, buckets: readonly TimedBucket[]): Promise<Outcome> => {
  const answer = await charge(
    redis,
    buckets.map(({ key }) => key),
    buckets.flatMap(({ refillUs, costUs }) => [refillUs, costUs]),
  )
  if (!isNumbers(answer)) throw new TypeError('the script of the token buckets answered something else')
  const [refusedBy = 0, waitUs = 0, ...missingUs] = answer
  return { refusedBy: refusedBy - 1, waitUs, missingUs }
}

const isNumbers = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'number')
