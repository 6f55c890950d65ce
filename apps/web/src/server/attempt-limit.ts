import type { CoreDeps } from '@quarry/core/web'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { z } from 'zod'

export interface AttemptLimit {
  /** Counts an attempt and says how many seconds to wait, 0 for none. */
  count(key: string): Promise<number>
  /** Takes one attempt back: it was none of those that are limited. */
  refund(key: string): Promise<void>
}

export interface AttemptLimitOptions {
  /** In the key: `signin:<name>:<key>`. */
  readonly name: string
  readonly attempts: number
  readonly windowSeconds: number
  /** null: there is one process, which counts for itself. */
  readonly redis: CoreDeps['redis']
  /** How many processes share the attempts while Redis is away. */
  readonly replicas: number
}

/** Keys remembered in memory; those not used for longest go first. ~500 bytes each. */
const MOST_KEYS = 10_000

/**
 * Allows `attempts` per key in a window that begins with the first of them: on all replicas together, and while Redis is
 * away each its share. Attempts that are refused do not make the window longer.
 */
export const createAttemptLimit = (options: AttemptLimitOptions): AttemptLimit => {
  const { name, attempts, windowSeconds, redis, replicas } = options
  const common = { keyPrefix: `signin:${name}`, duration: windowSeconds }
  const limiter =
    redis === null
      ? new BoundedMemory({ ...common, points: attempts })
      : new RateLimiterRedis({
          ...common,
          points: attempts,
          storeClient: clientOver(redis),
          insuranceLimiter: new BoundedMemory({ ...common, points: Math.max(1, Math.floor(attempts / replicas)) }),
        })
  return {
    async count(key) {
      try {
        await limiter.consume(key)
        return 0
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused
        return Math.max(1, Math.ceil(refused.msBeforeNext / 1000))
      }
    },
    async refund(key) {
      await limiter.reward(key)
    },
  }
}

/** What the library asks of a client: to define one script, and to run it. Over the link, so that its breaker counts. */
const clientOver = (redis: NonNullable<CoreDeps['redis']>) => {
  let script = ''
  return {
    defineCommand: (_name: string, { lua }: { lua: string }) => {
      script = lua
    },
    rlflxIncr: async ([key = '', ...amounts]: readonly string[]) =>
      countAndTtl.parse(await redis.run((client) => client.eval(script, 1, key, ...amounts))),
  }
}

const countAndTtl = z.tuple([z.number(), z.number()])

/** The library's own keeps a timer for every key that anybody sends, however many come. */
class BoundedMemory extends RateLimiterMemory {
  readonly #used = new Set<string>()

  override async consume(key: string, points?: number): Promise<RateLimiterRes> {
    this.#used.delete(key)
    this.#used.add(key)
    const [oldest] = this.#used
    if (this.#used.size > MOST_KEYS && oldest !== undefined) {
      this.#used.delete(oldest)
      await this.delete(oldest)
    }
    return super.consume(key, points)
  }
}
