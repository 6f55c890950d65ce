// What the pool is worth: 500 callers at once list documents, in process and without HTTP or cache, on 20 connections;
// in between, the same call with a new connection each time. The phases alternate, so that both meet the same machine.
import { startPostgres } from '../scripts/test/postgres.mjs'
import { callers, quantile } from './pool/callers.mjs'
import { seedOrganisations } from './pool/organisations.mjs'

const CALLERS = 500
const POOL_SIZE = 20
const TARGETS = { errors: 0, connections: POOL_SIZE, timesAsMuch: 15 }
const short = process.argv.includes('--short')
/** 30 s on the pool altogether. */
const ROUNDS = short ? 2 : 3
const POOL_MS = short ? 2_000 : 10_000
const FRESH_MS = short ? 1_500 : 4_000
const SAMPLE_MS = 50
const NAME = 'quarry bench pool'
/**
 * The target is for what fits on a screen. Of 50, which is what the verb gives who names no number, more of each call is
 * the rows' own, read and written down alike however one got the connection: measured beside it, for a third of the time.
 */
const SCREEN = 20
const DEFAULT_PAGE = 50

const server = await startPostgres((message) => console.error(message))
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { openDatabase } = await import('../packages/db/src/index.ts')
const { listDocuments } = await import('../packages/core/src/index.ts')

const db = await createTestDatabase()
const members = await seedOrganisations(db)
const database = db.open({ pool: { max: POOL_SIZE }, applicationName: NAME })
const list = async (through, caller, limit) => {
  const actor = members[caller % members.length]
  const page = await listDocuments({ deps: { database: through }, actor, requestId: 'bench' }, { limit })
  if (page.items.length !== limit) throw new Error(`a page of ${page.items.length} documents`)
}
const onPool = (limit) => (caller) => list(database, caller, limit)
const onFresh = (limit) => async (caller) => {
  const one = openDatabase(db.adapter, { pool: { max: 1 }, applicationName: 'quarry bench fresh' })
  try {
    await list(one, caller, limit)
  } finally {
    await one.close()
  }
}

let connections = 0
let sampling = true
const sample = async () => {
  while (sampling) {
    const [row] = await db.owner`select count(*)::integer as n from pg_stat_activity where application_name = ${NAME}`
    connections = Math.max(connections, row.n)
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
  }
}

const measure = async (limit, rounds) => {
  const pool = []
  const fresh = []
  for (let round = 0; round < rounds; round++) {
    fresh.push(await callers({ concurrency: POOL_SIZE, forMs: FRESH_MS, call: onFresh(limit) }))
    pool.push(await callers({ concurrency: CALLERS, forMs: POOL_MS, call: onPool(limit) }))
  }
  return { pool, fresh }
}
const perSecond = (runs) => runs.reduce((sum, run) => sum + run.calls, 0) / runs.reduce((s, run) => s + run.seconds, 0)
const ratioOf = ({ pool, fresh }) => Number((perSecond(pool) / perSecond(fresh)).toFixed(1))

try {
  await callers({ concurrency: POOL_SIZE, forMs: 500, call: onPool(SCREEN) })
  await callers({ concurrency: POOL_SIZE, forMs: 500, call: onFresh(SCREEN) })
  const sampler = sample()
  const screen = await measure(SCREEN, ROUNDS)
  const defaultPage = await measure(DEFAULT_PAGE, 1)
  sampling = false
  await sampler
  const { pool, fresh } = screen
  const errors = [...pool, ...fresh, ...defaultPage.pool, ...defaultPage.fresh].flatMap((run) => run.errors)
  if (errors[0] !== undefined) console.error(errors[0])
  const millis = pool.flatMap((run) => run.millis)
  const figures = {
    page: SCREEN,
    calls: millis.length,
    errors: errors.length,
    connections,
    perSecond: Math.round(perSecond(pool)),
    freshPerSecond: Math.round(perSecond(fresh)),
    timesAsMuch: ratioOf(screen),
    p50Ms: Math.round(quantile(millis, 0.5)),
    p95Ms: Math.round(quantile(millis, 0.95)),
    defaultPage: {
      page: DEFAULT_PAGE,
      perSecond: Math.round(perSecond(defaultPage.pool)),
      freshPerSecond: Math.round(perSecond(defaultPage.fresh)),
      timesAsMuch: ratioOf(defaultPage),
    },
  }
  const pass =
    figures.errors <= TARGETS.errors &&
    figures.connections <= TARGETS.connections &&
    figures.timesAsMuch >= TARGETS.timesAsMuch
  await db.close()
  console.log(JSON.stringify({ bench: 'pool', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await server.stop()
}
