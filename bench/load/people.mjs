import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { openDatabase } from '../../packages/db/src/index.ts'
import { ownerClient } from '../../packages/db/src/client/owner-client.ts'
import { atDesk } from '../../packages/core/src/operator-desk/desk.ts'
import { newKeySecret, writeKeyMetadata } from '../../packages/core/src/accounts/key-secret.ts'
import { KEY_CONFIG_ID } from '../../packages/core/src/keys/key-row.ts'
import { seedDatabase } from '../../packages/core/src/seed/index.ts'
import { ensureEmbeddingIndex } from '../../packages/db/src/embedding-index.ts'
import { SEED_EMBEDDING } from '../../packages/rag/src/seed/index.ts'
import { questionsOf } from '../search/questions.mjs'

/** One of so many calls with a key, as programs do; the others have a session, as browsers do. */
const EVERY_KEY = 4
/** An organisation's people and programs that take part; more than are there at once are not needed. */
const MOST_PER_ORGANISATION = 40
/** So many of the questions of an organisation are asked at all. */
const QUESTIONS = 60
/** What a plan for organisations of this size would have: the load is measured, not the limits. */
const PLAN = { perMinute: 6_000, perHour: 10_000_000, runsPerUser: 50, runsPerOrganisation: 500 }
const DAY_MS = 86_400_000

/**
 * Fills a migrated database as `quarry db seed` does, with vectors that count as those of `embedding`.
 *
 * @param {{ adapter: import('@quarry/config').DatabaseAdapter, embedding: string, sizes: object, say: (line: string) => void }} options
 */
export const seedOrganisations = async ({ adapter, embedding, sizes, say }) => {
  const report = await seedDatabase(adapter, { ...sizes, seed: Math.floor(Math.random() * 1e9), add: true })
  say(`${report.organisations.length} organisations with ${report.documents} documents, ${report.chunks} passages`)
  // What the seed calls a model of its own is the double's, which gives texts the same vectors.
  const sql = ownerClient(adapter)
  try {
    await sql.begin(async (tx) => {
      // A worker that is there already embeds what has no vectors of this model.
      await tx`lock table chunk_embedding in share row exclusive mode`
      await tx`delete from chunk_embedding seeded using chunk_embedding own
        where seeded.model = ${SEED_EMBEDDING.id} and own.model = ${embedding}
          and own.org_id = seeded.org_id and own.version_id = seeded.version_id
          and own.ordinal = seeded.ordinal and own.window_ordinal = seeded.window_ordinal`
      await tx`update chunk_embedding set model = ${embedding} where model = ${SEED_EMBEDDING.id}`
    })
    await sql`update document_version set semantic_model = ${embedding} where semantic_model = ${SEED_EMBEDDING.id}`
    await ensureEmbeddingIndex(adapter, embedding, SEED_EMBEDDING.dimension)
    await sql`vacuum (analyze) chunk_embedding`
    await sql`vacuum (analyze) document_version`
  } finally {
    await sql.end()
  }
  return report.organisations
}

/** As a plan of theirs would: `quarry limits set`. */
export const raiseLimits = (adapter, organisations) =>
  atDesk(adapter, 'load test', async (desk) => {
    for (const { orgId } of organisations) await desk.setLimits({ orgId, ...PLAN })
  })

/** The cookie that better-auth's own sign-in would set for a session, signed with the installation's secret. */
const cookieFor = (token, secret, isHttps) => {
  const signature = createHmac('sha256', secret).update(token).digest('base64')
  return `${isHttps ? '__Host-' : ''}quarry.session_token=${encodeURIComponent(`${token}.${signature}`)}`
}

/** Each an address of their own on this machine, where the system has 127.0.0.0/8 (Linux). */
const addressOf = (index) =>
  process.platform === 'linux'
    ? `127.${10 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`
    : undefined

/**
 * So many people with sessions and programs with keys, spread evenly over the organisations, and what each of these could
 * ask for. All may write.
 *
 * @param {{ adapter: import('@quarry/config').DatabaseAdapter, organisations: readonly import('@quarry/core/seed').SeededTenant[], authSecret: string, url: string, count: number }} options
 */
export const signIn = async ({ adapter, organisations, authSecret, url, count }) => {
  const database = openDatabase(adapter, { applicationName: 'quarry load', pool: { max: 2 } })
  const sql = ownerClient(adapter)
  const perOrganisation = Math.min(MOST_PER_ORGANISATION, Math.ceil(count / organisations.length))
  const [sessions, keys, callers, own] = [[], [], [], []]
  const expiresAt = new Date(Date.now() + 29.5 * DAY_MS).toISOString()
  try {
    for (const [index, { orgId, people, collections }] of organisations.entries()) {
      const [owner] = people
      const actor = { kind: 'user', id: owner.userId, orgId, role: owner.role }
      own.push({
        collections: collections.filter(({ restricted }) => !restricted).map(({ id }) => id),
        questions: (await questionsOf(database.tenant(actor), orgId, QUESTIONS)).map(({ query }) => query),
      })
      const writers = people.filter(({ role }) => role !== 'viewer')
      for (let i = 0; i < perOrganisation; i++) {
        const isBrowser = (index + i) % EVERY_KEY !== EVERY_KEY - 1
        if (isBrowser) {
          const token = randomBytes(24).toString('base64url')
          const { userId } = writers[i % writers.length]
          sessions.push({
            ...{ id: randomUUID(), token, expires_at: expiresAt, user_id: userId, active_organization_id: orgId },
          })
          const cookie = cookieFor(token, authSecret, url.startsWith('https:'))
          callers.push({ organisation: index, isBrowser, headers: { cookie, origin: new URL(url).origin } })
        } else {
          const { secret, hash, start } = newKeySecret()
          keys.push({
            ...{ id: randomUUID(), config_id: KEY_CONFIG_ID, reference_id: orgId, name: `load ${i}`, start, key: hash },
            ...{ prefix: 'qk_', rate_limit_enabled: false },
            metadata: writeKeyMetadata({ role: 'member', madeBy: { kind: 'user', id: owner.userId } }),
          })
          callers.push({ organisation: index, isBrowser, headers: { authorization: `Bearer ${secret}` } })
        }
      }
    }
    if (sessions.length > 0) await sql`insert into auth.session ${sql(sessions)}`
    if (keys.length > 0) await sql`insert into auth.apikey ${sql(keys)}`
    await sql`analyze auth.session`
    await sql`analyze auth.apikey`
  } finally {
    await sql.end()
    await database.close()
  }
  // In a mixed order, always the same one: the first fifty are of all organisations.
  const people = callers
    .map((caller) => ({ caller, order: createHash('md5').update(JSON.stringify(caller.headers)).digest('hex') }))
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ caller }, index) => ({ ...caller, address: addressOf(index) }))
  return { people, organisations: own }
}
