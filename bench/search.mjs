// Hybrid search as app_user under row-level security, without a cache and with the queries' vectors given: how long it
// takes in organisations of very uneven sizes, and how much of an exact search's result it finds. `--chunks 1000000` for
// the large one (an hour), `--short` for trying the benchmark itself.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { startPostgres } from '../scripts/test/postgres.mjs'
import { quantile } from './pool/callers.mjs'
import { timeSearches } from './search/latency.mjs'
import { questionsOf } from './search/questions.mjs'
import { recallOf } from './search/recall.mjs'
import { sizesOf } from './search/sizes.mjs'

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { chunks: { type: 'string' }, short: { type: 'boolean' }, json: { type: 'boolean' } },
  allowPositionals: true,
})
const chunks = Number(values.chunks ?? (values.short ? 5_000 : 100_000))
const large = chunks > 100_000
const organisations = values.short ? 10 : 50
const PER_ORGANISATION = values.short ? 10 : 20
const OF_EXTREMES = values.short ? 20 : 100
/** Of a million, one organisation would have a fifth; the target is for at most so many in one. */
const MOST_PER_ORGANISATION = 50_000
const CONCURRENCY = [1, 4]
/** Of all searches, and of those in the largest organisation, which has 50,000 passages at most. */
const TARGETS = { p95Ms: large ? 60 : 30, largestP95Ms: 60, recall: 0.95 }
/** A server of 4 GB would be given so much; the rest of its settings are PostgreSQL's. */
const SETTINGS = { shared_buffers: large ? '2GB' : '1GB', maintenance_work_mem: '512MB', max_wal_size: '8GB' }

const server = await startPostgres((message) => console.error(message), SETTINGS)
process.env.TEST_DATABASE_URL = server.url
const { createTestDatabase } = await import('../packages/db/src/testing/index.ts')
const { seedDatabase } = await import('../packages/core/src/seed/index.ts')

const db = await createTestDatabase()
try {
  const seeded = await seedDatabase(db.adapter, {
    ...{ organisations, chunks, documents: chunks / 50, seed: 1 },
    ...(large ? { mostPerOrganisation: MOST_PER_ORGANISATION } : {}),
    watch: (step, done, total) => {
      if (step !== 'passages' || done % 10_000 < 200) console.error(`${step}: ${done} of ${total}`)
    },
  })
  const asked = []
  for (const [i, organisation] of seeded.organisations.entries()) {
    const isExtreme = i === 0 || i === organisations - 1
    // A member: what only the board sees is left out by the policies.
    const member = organisation.people.find(({ role }) => role === 'member')
    const { orgId } = organisation
    const tenantDb = db.database.tenant({ kind: 'user', id: member.userId, orgId, role: 'member' })
    const questions = await questionsOf(tenantDb, orgId, isExtreme ? OF_EXTREMES : PER_ORGANISATION)
    asked.push({ organisation, tenantDb, questions })
  }
  const database = db.open({ pool: { max: Math.max(...CONCURRENCY) }, applicationName: 'quarry bench search' })
  const latency = {}
  for (const concurrency of CONCURRENCY) latency[concurrency] = await timeSearches(database, asked, concurrency)
  const recall = []
  for (const one of asked) recall.push(await recallOf(one))

  const p95Of = (millis) => Number(quantile(millis, 0.95).toFixed(1))
  const p50Of = (millis) => Number(quantile(millis, 0.5).toFixed(1))
  const perOrganisation = asked.map(({ organisation }, i) => ({
    chunks: organisation.chunks,
    p50Ms: p50Of(latency[1][i]),
    p95Ms: p95Of(latency[1][i]),
    ...recall[i],
  }))
  const [largest, smallest] = [perOrganisation[0], perOrganisation.at(-1)]
  const all = (concurrency) => latency[concurrency].flat()
  const figures = {
    ...{ chunks: seeded.chunks, organisations, documents: seeded.documents, searches: all(1).length },
    p50Ms: p50Of(all(1)),
    p95Ms: p95Of(all(1)),
    fourAtOnce: { p50Ms: p50Of(all(4)), p95Ms: p95Of(all(4)) },
    ...{ largest, smallest },
    leastRecall: Math.min(...perOrganisation.map((one) => one.recall)),
    leastNearest: Math.min(...perOrganisation.map((one) => one.nearest)),
    seconds: seeded.seconds,
    megabytes: await sizesOf(db.owner),
    load: loadavg().map((value) => Number(value.toFixed(1))),
    perOrganisation,
  }
  const pass =
    figures.p95Ms <= TARGETS.p95Ms &&
    largest.p95Ms <= TARGETS.largestP95Ms &&
    [largest, smallest].every((one) => one.recall >= TARGETS.recall && one.nearest >= TARGETS.recall)
  await db.close()
  console.log(JSON.stringify({ bench: 'search', pass, figures, targets: TARGETS }))
  process.exitCode = pass ? 0 : 1
} finally {
  await server.stop()
}
