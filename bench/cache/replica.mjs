import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createCaller, createCallLimits } from '../../packages/api/src/index.ts'
import { readAdapters, readLimits } from '../../packages/config/src/index.ts'
import { createWebCore } from '../../packages/core/src/web.ts'
import { createLogger } from '../../packages/observability/src/index.ts'
import { createRandom } from '../../packages/rag/src/seed/index.ts'
import { createZipf, nextCall } from './calls.mjs'

const [environment] = await once(process, 'message')
let statements = 0
/** A word that only the statements of one question have among their values. */
let wanted = null
let found = 0
const core = createWebCore({
  adapters: {
    ...readAdapters({ QUARRY_DATA: environment.folder, EMBEDDING_MODEL: 'off' }),
    database: environment.database,
    redis: environment.redis,
    replicas: { web: environment.replicas, worker: 1 },
  },
  limits: { ...readLimits({}), rate: environment.rate },
  logger: createLogger({ name: 'bench', level: 'error' }),
  watch: ({ params, entrance }, run) => {
    if (!entrance) statements++
    if (wanted !== null && params.some((value) => String(value).includes(wanted))) found++
    return run()
  },
})
await core.start()
const { query } = core.auth.database

/** As better-auth looks a session up: the session, then whose it is. */
const findSession = (token) => async () => {
  const row = await query.session.findFirst({ where: (session, { eq }) => eq(session.token, token) })
  const user = await query.user.findFirst({ where: ({ id }, { eq }) => eq(id, row.userId) })
  const actor = await core.findMember({ userId: user.id, activeOrganizationId: row.activeOrganizationId })
  return { actor, person: { userId: user.id, sessionId: row.id }, expiresAt: row.expiresAt.getTime() }
}

const callerOf = (resolve) =>
  createCaller({
    deps: core.deps,
    requestId: randomUUID(),
    resolveActor: async () => (await resolve()).actor,
    resolvePerson: async () => (await resolve()).person,
    actorChanged: () => undefined,
    limitGuesses: (attempt) => attempt(),
    limits: createCallLimits(core.deps, '192.0.2.1'),
  })
const apiOf = ({ token }) => callerOf(() => core.credentials.session(token, findSession(token)))

/** Makes `calls` calls, always the same for a name, `concurrency` at once. */
const load = async ({ name, calls, concurrency }) => {
  const random = createRandom(name)
  const zipf = createZipf(random)
  const millis = []
  let left = calls
  let errors = 0
  const one = async () => {
    while (left-- > 0) {
      const { person, call } = nextCall(random, zipf, environment.people)
      const began = performance.now()
      try {
        await call(apiOf(person))
        millis.push(performance.now() - began)
      } catch (error) {
        if (errors++ === 0) console.error(error)
      }
    }
  }
  const before = { statements, reads: await readsSoFar() }
  await Promise.all(Array.from({ length: concurrency }, one))
  const after = { statements, reads: await readsSoFar() }
  return {
    statements: after.statements - before.statements,
    reads: difference(after.reads, before.reads),
    errors,
    millis,
  }
}

/** Reads through the cache, by question and how they went. */
const readsSoFar = async () => {
  const { values } = await core.deps.metrics.registry.getSingleMetric('quarry_cached_reads_total').get()
  return Object.fromEntries(values.map(({ labels, value }) => [`${labels.question} ${labels.outcome}`, value]))
}
const difference = (after, before) =>
  Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)]))

/** The same question `n` times at once, by somebody who is known; how often the database was asked it. */
const burst = async ({ actor, word, n }) => {
  wanted = word
  found = 0
  const one = () => callerOf(async () => ({ actor, person: null })).documents.list({ limit: 50, query: word })
  await Promise.all(Array.from({ length: n }, one))
  wanted = null
  return found
}

/** Until the flag says so here. */
const flag = async ({ orgId, isOn }) => {
  while ((await core.deps.flags.isOn('cache.reads', orgId)) !== isOn)
    await new Promise((resolve) => setTimeout(resolve, 100))
  return isOn
}

const TASKS = { load, burst, flag }
process.send('ready')
for (;;) {
  const [task] = await once(process, 'message')
  if (task.what === 'stop') break
  process.send(await TASKS[task.what](task))
}
await core.close()
process.disconnect()
