// What the cache saves: three web processes on one PostgreSQL and one Redis, below HTTP, make the calls of people by
// Zipf's law, two of a hundred of them writes; first with the cache, then the same calls without it. And a thousand who
// ask the same at once, over all processes, must cost one query. By words alone: meaning would cost time and no statement.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { signIn } from './cache/people.mjs'
import { startReplica } from './limits/replicas.mjs'
import { quantile } from './pool/callers.mjs'

const short = process.argv.includes('--short')
const REPLICAS = 3
const CALLS = short ? 3_000 : 15_000
/** Before what counts: a start with nothing kept happens once a release, and is as slow as without a cache. */
const WARM_UP_CALLS = short ? 1_500 : 9_000
const CONCURRENCY = 8
const SEED = short
  ? { organisations: 8, documents: 160, chunks: 1_600, seed: 1 }
  : { organisations: 50, documents: 2_000, chunks: 100_000, seed: 1 }
const ROUNDS = short ? 3 : 10
const EQUAL = 1_000
const TARGETS = {
  profile: 0.95,
  permission: 0.95,
  lists: 0.8,
  overall: 0.7,
  statementsCut: 0.7,
  queriesOfEqual: 1,
  errors: 0,
}
/** Which questions are what. */
const GROUPS = {
  profile: ['session.me'],
  permission: ['caller.session', 'access.visible'],
  lists: ['collections.list', 'documents.list', 'search.facets'],
  document: ['documents.get'],
  search: ['search.query'],
}
/** Served without the database: found, found and old, or computed by somebody else at that moment. */
const SERVED = ['hit', 'stale', 'dedup']
const UNLIMITED = 1e9

const server = await startPostgres((message) => console.error(message), { shared_buffers: '1GB' })
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { startTestRedis } = await import('../packages/cache/src/testing/index.ts')
const { seedDatabase } = await import('../packages/core/src/seed/index.ts')

const db = await createTestDatabase()
const redis = await startTestRedis()
const folder = mkdtempSync(join(tmpdir(), 'quarry-bench-cache-'))
const replicas = []

const everywhere = (task) =>
  Promise.all(replicas.map((replica, i) => replica.ask({ ...task, ...task.of?.(i), of: null })))

const switchCache = async (isOn, orgId) => {
  await db.owner`
    insert into feature_flag (name, subject_id, enabled) values ('cache.reads', '00000000-0000-0000-0000-000000000000', ${isOn})
    on conflict (name, subject_id) do update set enabled = excluded.enabled, updated_at = now()`
  await everywhere({ what: 'flag', orgId, isOn })
}

/** Calls of all processes, the same for the same name in `of`, and what they cost. */
const run = async (name, calls, of) => {
  const started = performance.now()
  const parts = await everywhere({
    what: 'load',
    concurrency: CONCURRENCY,
    calls: calls / REPLICAS,
    of: (i) => ({ name: `${of} of process ${i}` }),
  })
  const seconds = (performance.now() - started) / 1000
  const sum = (of) => parts.reduce((all, part) => all + of(part), 0)
  const millis = parts.flatMap((part) => part.millis)
  console.error(`${name}: ${millis.length} calls in ${seconds.toFixed(1)} s`)
  return {
    statements: sum((part) => part.statements),
    errors: sum((part) => part.errors),
    perSecond: Math.round(millis.length / seconds),
    p50Ms: Number(quantile(millis, 0.5).toFixed(1)),
    p95Ms: Number(quantile(millis, 0.95).toFixed(1)),
    /** @param {readonly string[]} questions @param {readonly string[]} outcomes */
    reads: (questions, outcomes) =>
      sum(({ reads }) =>
        questions.flatMap((q) => outcomes.map((o) => reads[`${q} ${o}`] ?? 0)).reduce((a, b) => a + b, 0),
      ),
  }
}

try {
  const seeded = await seedDatabase(db.adapter, SEED)
  const people = (await signIn(db, seeded.organisations)).toSorted((a, b) => (a.token < b.token ? -1 : 1))
  console.error(`${people.length} people in ${seeded.organisations.length} organisations`)
  const environment = {
    ...{ database: db.adapter, redis: redis.adapter, folder, replicas: REPLICAS, people },
    rate: { perMinute: UNLIMITED, perHour: UNLIMITED, perMinuteAndAddress: UNLIMITED },
  }
  const program = join(import.meta.dirname, 'cache', 'replica.mjs')
  for (let i = 0; i < REPLICAS; i++) replicas.push(await startReplica(environment, program))

  const [someone] = people
  await switchCache(true, someone.actor.orgId)
  await run('to warm up', WARM_UP_CALLS, 'first calls')
  const cached = await run('with the cache', CALLS, 'calls')
  const asked = []
  for (let round = 0; round < ROUNDS; round++) {
    const share = (i) => ({ n: Math.floor((EQUAL + i) / REPLICAS) })
    const counts = await everywhere({ what: 'burst', actor: someone.actor, word: crypto.randomUUID(), of: share })
    asked.push(counts.reduce((all, n) => all + n, 0))
  }
  await switchCache(false, someone.actor.orgId)
  const plain = await run('without', CALLS, 'calls')

  const ALL = [...SERVED, 'miss', 'error']
  const rate = (questions) => Number((cached.reads(questions, SERVED) / cached.reads(questions, ALL)).toFixed(3))
  const hits = Object.fromEntries(Object.entries(GROUPS).map(([group, questions]) => [group, rate(questions)]))
  const figures = {
    ...hits,
    overall: rate(Object.values(GROUPS).flat()),
    reads: cached.reads(Object.values(GROUPS).flat(), ALL),
    withoutRedis: cached.reads(Object.values(GROUPS).flat(), ['error']),
    statements: cached.statements,
    statementsWithout: plain.statements,
    statementsCut: Number((1 - cached.statements / plain.statements).toFixed(3)),
    queriesOfEqual: Math.max(...asked),
    ...{ calls: CALLS, errors: cached.errors + plain.errors },
    perSecond: cached.perSecond,
    perSecondWithout: plain.perSecond,
    ...{ p50Ms: cached.p50Ms, p95Ms: cached.p95Ms, p50MsWithout: plain.p50Ms, p95MsWithout: plain.p95Ms },
    load: loadavg().map((value) => Number(value.toFixed(1))),
  }
  const pass =
    ['profile', 'permission', 'lists', 'overall', 'statementsCut'].every((name) => figures[name] >= TARGETS[name]) &&
    asked.every((n) => n === TARGETS.queriesOfEqual) &&
    figures.errors <= TARGETS.errors
  console.log(JSON.stringify({ bench: 'cache', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  for (const replica of replicas) await replica.stop()
  await redis.close()
  await db.close()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
}
