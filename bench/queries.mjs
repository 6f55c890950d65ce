// What the product asks of PostgreSQL: the verbs of a busy hour, in process, without a cache, as app_user under row-level
// security, on a seeded installation with one heavy user. Prints the plans of the ten statements that took most time
// altogether, then one JSON object. `--short` for trying the benchmark itself.
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { quantile } from './pool/callers.mjs'
import { addHeavyUser } from './queries/heavy-user.mjs'
import { listCalls, mixedCalls } from './queries/calls.mjs'
import { planText, scannedTables } from './queries/plans.mjs'
import { createStatementClock } from './queries/statement-clock.mjs'

const short = process.argv.includes('--short')
const SEED = short
  ? { organisations: 10, documents: 200, chunks: 5_000, seed: 1 }
  : { organisations: 50, documents: 2_000, chunks: 100_000, seed: 1 }
const MIXED_CALLS = short ? 200 : 2_000
const TIMES_PER_LIST = short ? 10 : 100
const HOTTEST = 10
/** Of a table so large nobody waits for the whole. */
const LARGE_ROWS = 10_000
const TARGETS = {
  seqScans: 0,
  // As much as a search may take: a list is what one looks at while typing.
  listP95Ms: 30,
  // A word that stands nowhere in 5,000 conversations has been looked for in all of them: still as fast as a key repeats.
  searchInConversationsP95Ms: 80,
}
/** A server of 4 GB would be given so much. */
const SETTINGS = { shared_buffers: '1GB', maintenance_work_mem: '512MB', max_wal_size: '8GB' }

const server = await startPostgres((message) => console.error(message), SETTINGS)
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase, largeTables } = await import('../packages/db/src/testing/index.ts')
const { seedDatabase } = await import('../packages/core/src/seed/index.ts')
const { createWebCore } = await import('../packages/core/src/web.ts')
const { readAdapters, readLimits } = await import('../packages/config/src/index.ts')
const { createLogger } = await import('../packages/observability/src/index.ts')

const folder = await mkdtemp(join(tmpdir(), 'quarry-bench-queries-'))
const db = await createTestDatabase()
const clock = createStatementClock()
const core = createWebCore({
  adapters: { ...readAdapters({ QUARRY_DATA: folder }), database: db.adapter },
  limits: readLimits({}),
  logger: createLogger({ name: 'bench', level: 'silent' }),
  watch: clock.watch,
})
const round = (ms) => Number(ms.toFixed(2))
try {
  const seeded = await seedDatabase(db.adapter, SEED)
  const heavy = await addHeavyUser(db.owner, seeded.organisations, short ? 0.1 : 1)
  await db.owner.unsafe('analyze')
  const large = await largeTables(db.owner, LARGE_ROWS)

  const calls = await mixedCalls(core, seeded, heavy)
  for (const call of calls.slice(0, 50)) await call()
  clock.reset()
  for (let i = 0; i < MIXED_CALLS; i++) await calls[i % calls.length]()
  const statements = clock.statements()
  const hottest = statements.slice(0, HOTTEST)

  // Once more, each kind of statement with its plan.
  clock.explain()
  for (const call of calls) await call()
  const plans = clock.plans()
  for (const [place, { kind }] of hottest.entries()) {
    const { calls: n, meanMs } = hottest[place]
    console.log(`\n${place + 1}. ${n} times ${round(meanMs)} ms: ${kind}\n${planText(plans.get(kind))}`)
  }
  const scans = [...plans].flatMap(([kind, plan]) => scannedTables(plan, large).map((table) => ({ table, kind })))
  clock.stop()

  const lists = {}
  for (const [name, call] of Object.entries(listCalls(core, heavy))) {
    const millis = []
    await call()
    for (let i = 0; i < TIMES_PER_LIST; i++) {
      const began = performance.now()
      await call().catch((cause) => {
        throw new Error(`${name} failed`, { cause })
      })
      millis.push(performance.now() - began)
    }
    lists[name] = { p50Ms: round(quantile(millis, 0.5)), p95Ms: round(quantile(millis, 0.95)) }
  }
  const bound = (name) =>
    name.startsWith('conversations.list, a word') ? TARGETS.searchInConversationsP95Ms : TARGETS.listP95Ms
  const slow = Object.entries(lists).flatMap(([name, { p95Ms }]) => (p95Ms > bound(name) ? [name] : []))
  const figures = {
    ...{ organisations: SEED.organisations, documents: SEED.documents, chunks: SEED.chunks, heavy: heavy.rows },
    ...{ calls: MIXED_CALLS, kinds: statements.length, seqScans: scans.length, scans, slow, lists },
    hottest: hottest.map(({ kind, ...one }) => ({
      statement: kind.slice(0, 120),
      calls: one.calls,
      meanMs: round(one.meanMs),
      rows: Math.round(one.rows),
      share: round(one.totalMs / statements.reduce((sum, { totalMs }) => sum + totalMs, 0)),
    })),
    largeTables: [...large],
    load: loadavg().map((value) => Number(value.toFixed(1))),
  }
  const pass = scans.length === TARGETS.seqScans && slow.length === 0
  await core.close()
  await db.close()
  console.log(JSON.stringify({ bench: 'queries', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await rm(folder, { recursive: true })
  await server.stop()
}
