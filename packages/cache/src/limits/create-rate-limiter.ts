import { AppError } from '@quarry/contracts'
import type { Bucket, BucketState, Decision, RateLimiter } from '../rate-limiter.ts'
import { RedisUnavailable, type RedisLink } from '../redis/redis-link.ts'
import type { Outcome, TimedBucket } from './bucket-level.ts'
import { createMemoryBuckets, type MemoryBuckets } from './memory-buckets.ts'
import { chargeInRedis } from './redis-buckets.ts'

const US = 1_000_000

export interface RateLimiterOptions {
  /** null: this process counts for itself. */
  readonly link: Pick<RedisLink, 'run'> | null
  /** How many processes share a limit while Redis does not count for all of them. */
  readonly replicas: number
  /** Told the first of the errors that Redis answers with; of an outage the link tells. */
  readonly onError?: (error: unknown) => void
  readonly memory?: MemoryBuckets
}

/**
 * Token buckets of all replicas in Redis. While it is away each process has its share of capacity and refill, so that
 * together they allow what is configured; when it is back, it counts again.
 */
export const createRateLimiter = (options: RateLimiterOptions): RateLimiter => {
  const { link, replicas, onError = () => undefined, memory = createMemoryBuckets() } = options
  let failing = false
  const inRedis = async (redis: Pick<RedisLink, 'run'>, buckets: readonly Bucket[]): Promise<Outcome | null> => {
    try {
      const outcome = await redis.run((client) => chargeInRedis(client, buckets.map(timed)))
      failing = false
      return outcome
    } catch (error) {
      if (!failing && !(error instanceof RedisUnavailable)) {
        failing = true
        onError(error)
      }
      return null
    }
  }
  return {
    async charge(buckets) {
      for (const bucket of buckets) requirePossible(bucket)
      if (buckets.length === 0) return { allowed: true, retryAfterSeconds: 0, refusedBy: null, buckets: [] }
      const counted = link && (await inRedis(link, buckets))
      if (counted) return decisionOf(buckets, counted, 1)
      const share = link ? replicas : 1
      return decisionOf(buckets, memory.charge(buckets.map((bucket) => timedShare(bucket, share))), share)
    },
  }
}

/** What can never be allowed is not refused again and again: it is an error of whoever asks. */
const requirePossible = ({ policy, capacity, cost }: Bucket): void => {
  if (cost <= capacity) return
  throw new AppError('too_large', {
    message: `This costs ${cost} at once, and the limit “${policy}” is ${capacity}.`,
    action: 'Do it in smaller parts, or have the limit raised.',
  })
}

const timed = ({ key, capacity, refillSeconds, cost }: Bucket): TimedBucket => ({
  key,
  refillUs: refillSeconds * US,
  costUs: cost === 0 ? 0 : (cost / capacity) * refillSeconds * US,
})

/** A token takes as many times longer as there are replicas. What costs more than the share takes all of it. */
const timedShare = (bucket: Bucket, replicas: number): TimedBucket => {
  const whole = timed(bucket)
  return { ...whole, costUs: Math.min(whole.refillUs, whole.costUs * replicas) }
}

const decisionOf = (buckets: readonly Bucket[], outcome: Outcome, replicas: number): Decision => ({
  allowed: outcome.refusedBy < 0,
  retryAfterSeconds: outcome.waitUs / US,
  refusedBy: buckets[outcome.refusedBy]?.policy ?? null,
  buckets: buckets.map((bucket, i) => stateOf(bucket, outcome.missingUs[i] ?? 0, replicas)),
})

const stateOf = ({ policy, capacity, refillSeconds }: Bucket, missingUs: number, replicas: number): BucketState => ({
  policy,
  capacity,
  refillSeconds,
  remaining: ((capacity / replicas) * (refillSeconds * US - missingUs)) / (refillSeconds * US),
  resetSeconds: missingUs / US,
})
