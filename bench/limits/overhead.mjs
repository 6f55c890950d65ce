import { randomUUID } from 'node:crypto'
import { createRateLimiter, openRedisLink } from '../../packages/cache/src/index.ts'
import { quantile } from '../pool/callers.mjs'

/** What a call of a member is charged to. */
const bucketsOf = (caller) =>
  [
    ['user', 60, 60],
    ['organisation', 1000, 3600],
    ['address', 3000, 60],
  ].map(([policy, capacity, refillSeconds]) => ({
    policy,
    key: `bench:${caller}:${policy}`,
    capacity,
    refillSeconds,
    cost: 0.25,
  }))

/** Callers take turns, so that most are allowed: a refusal writes nothing, and is cheaper. */
const CALLERS = 500

/**
 * A charge of three buckets against a PING over the same connection, taking turns: both meet the same machine.
 *
 * @param {import('../../packages/config/src/index.ts').RedisAdapter} adapter
 */
export const measureOverhead = async (adapter, pairs) => {
  const link = openRedisLink(adapter)
  const limiter = createRateLimiter({ link, replicas: 1 })
  const run = randomUUID()
  const bare = () => link.run((redis) => redis.ping())
  const charge = (i) => limiter.charge(bucketsOf(`${run}:${i % CALLERS}`))
  const timed = async (work) => {
    const began = performance.now()
    await work()
    return performance.now() - began
  }
  const bareMs = []
  const chargeMs = []
  try {
    for (let i = 0; i < pairs; i++) {
      bareMs.push(await timed(bare))
      chargeMs.push(await timed(() => charge(i)))
    }
  } finally {
    await link.close()
  }
  // The first tenth is for the compiler.
  const p = (millis, share) => Number(quantile(millis.slice(pairs / 10), share).toFixed(3))
  return {
    bareP50Ms: p(bareMs, 0.5),
    chargeP50Ms: p(chargeMs, 0.5),
    bareP95Ms: p(bareMs, 0.95),
    chargeP95Ms: p(chargeMs, 0.95),
  }
}
