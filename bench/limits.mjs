// What the limits are worth: three web processes on one Redis let exactly as many calls through as the limit says, a
// bucket fills as fast as it should, and asking costs little more than the way to Redis and back.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { measureOverhead } from './limits/overhead.mjs'
import { startReplica } from './limits/replicas.mjs'

const REPLICAS = 3
const CALLS = 1_000
const LIMIT = 100
const TARGETS = { allowed: LIMIT, allowedAtMost: LIMIT + 1, refillErrorPercent: 2, addedP50Ms: 0.3 }
const short = process.argv.includes('--short')
/** Each with a bucket of its own: one that is right by chance shows. */
const ROUNDS = short ? 3 : 10
const REFILL_SECONDS = short ? 3 : 10
/** Until all processes have asked, and there is nothing left of what flowed in before. */
const WARM_UP_MS = 1_000
const PAIRS = short ? 3_000 : 20_000
/** Filled 200 times a second: a token too many or too few in ten seconds is a twentieth of a percent. */
const REFILL = { capacity: 1_000, refillSeconds: 5 }

const server = await startPostgres((message) => console.error(message))
process.env.TEST_DATABASE_URL = server.url
const { createTenant, createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { startTestRedis } = await import('../packages/cache/src/testing/index.ts')

const database = await createTestDatabase()
const redis = await startTestRedis()
const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-limits-'))
const environment = {
  database: database.adapter,
  redis: redis.adapter,
  folder,
  replicas: REPLICAS,
  // A change costs the organisation a tenth of a token; nobody else's bucket is in the way.
  rate: { perMinute: 100_000, perHour: LIMIT / 10, perMinuteAndAddress: 100_000 },
}
const replicas = await Promise.all(Array.from({ length: REPLICAS }, () => startReplica(environment)))
/** So much of `total` for each, all at once; the sum of what they answer. */
const together = async (task, total) => {
  const share = (i) => Math.floor((total + i) / REPLICAS)
  const answers = await Promise.all(replicas.map((replica, i) => replica.ask({ ...task, n: share(i) })))
  return answers.reduce((sum, n) => sum + n, 0)
}

try {
  const charged = []
  const called = []
  for (let round = 0; round < ROUNDS; round++) {
    const bucket = { policy: 'user', key: `bench:${round}`, capacity: LIMIT, refillSeconds: 3600, cost: 1 }
    charged.push(await together({ what: 'charge', bucket }, CALLS))
    const { owner } = await createTenant(database)
    called.push(await together({ what: 'call', actor: owner }, CALLS))
  }

  const drained = { policy: 'user', key: 'bench:refill', ...REFILL, cost: 1 }
  await together({ what: 'charge', bucket: drained }, REFILL.capacity + REPLICAS)
  const from = performance.timeOrigin + performance.now() + WARM_UP_MS
  const during = { from, to: from + REFILL_SECONDS * 1000 }
  const allowed = await together({ what: 'refill', bucket: drained, during }, 0)
  const expected = REFILL_SECONDS * (REFILL.capacity / REFILL.refillSeconds)
  const { bareP50Ms, chargeP50Ms, ...spread } = await measureOverhead(redis.adapter, PAIRS)

  const figures = {
    charged: { least: Math.min(...charged), most: Math.max(...charged) },
    called: { least: Math.min(...called), most: Math.max(...called) },
    refill: { expected, allowed },
    refillErrorPercent: Number((Math.abs(allowed / expected - 1) * 100).toFixed(2)),
    bareP50Ms,
    chargeP50Ms,
    addedP50Ms: Number((chargeP50Ms - bareP50Ms).toFixed(3)),
    ...spread,
  }
  const pass =
    [figures.charged, figures.called].every(
      ({ least, most }) => least >= TARGETS.allowed && most <= TARGETS.allowedAtMost,
    ) &&
    figures.refillErrorPercent <= TARGETS.refillErrorPercent &&
    figures.addedP50Ms <= TARGETS.addedP50Ms
  console.log(JSON.stringify({ bench: 'limits', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await Promise.all(replicas.map((replica) => replica.stop()))
  await redis.close()
  await database.close()
  rmSync(folder, { recursive: true, force: true })
  await server.stop()
}
