import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createCaller, createCallLimits, toAppError } from '../../packages/api/src/index.ts'
import { readAdapters, readLimits } from '../../packages/config/src/index.ts'
import { createWebCore } from '../../packages/core/src/web.ts'
import { createLogger } from '../../packages/observability/src/index.ts'

/** Enough to keep Redis busy, few enough to stop on time. */
const HAMMERS = 4

const [environment] = await once(process, 'message')
const core = createWebCore({
  adapters: {
    ...readAdapters({ QUARRY_DATA: environment.folder }),
    database: environment.database,
    redis: environment.redis,
    replicas: { web: environment.replicas, worker: 1 },
  },
  limits: { ...readLimits({}), rate: environment.rate },
  logger: createLogger({ name: 'bench', level: 'error' }),
})
const { rateLimiter, redis } = core.deps

const charge = async (bucket) => ((await rateLimiter.charge([bucket])).allowed ? 1 : 0)

/** Makes a collection: 1 where it was allowed, 0 where the organisation had nothing left. */
const call = async (actor) => {
  const caller = createCaller({
    deps: core.deps,
    requestId: randomUUID(),
    resolveActor: () => Promise.resolve(actor),
    resolvePerson: () => Promise.resolve(null),
    actorChanged: () => undefined,
    limitGuesses: (attempt) => attempt(),
    limits: createCallLimits(core.deps, '192.0.2.1'),
  })
  try {
    await caller.collections.create({ name: randomUUID() })
    return 1
  } catch (error) {
    if (toAppError(error).code === 'rate_limited') return 0
    throw error
  }
}

/** The clock that all processes of a machine have, and Redis too. */
const nowMs = () => performance.timeOrigin + performance.now()

/** Settles when Redis counts: on a busy machine it may have been given up for a moment. */
const counted = async () => {
  for (;;) {
    try {
      return await redis.run((client) => client.ping())
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** How many are allowed in a time in which, and from before which, somebody always asks. */
const refill = async (bucket, { from, to }) => {
  let allowed = 0
  const hammer = async () => {
    while (nowMs() < to) {
      const one = await charge(bucket)
      if (nowMs() >= from && nowMs() < to) allowed += one
    }
  }
  await Promise.all(Array.from({ length: HAMMERS }, hammer))
  return allowed
}

const sum = async (n, one) => (await Promise.all(Array.from({ length: n }, one))).reduce((all, x) => all + x, 0)

const TASKS = {
  charge: ({ bucket, n }) => sum(n, () => charge(bucket)),
  call: ({ actor, n }) => sum(n, () => call(actor)),
  refill: ({ bucket, during }) => refill(bucket, during),
}

process.send('ready')
for (;;) {
  const [task] = await once(process, 'message')
  if (task.what === 'stop') break
  await counted()
  process.send(await TASKS[task.what](task))
}
await core.close()
process.disconnect()
