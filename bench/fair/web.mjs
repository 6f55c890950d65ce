import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createCaller, createCallLimits } from '../../packages/api/src/index.ts'
import { readAdapters, readLimits } from '../../packages/config/src/index.ts'
import { createWebCore } from '../../packages/core/src/web.ts'
import { createLogger } from '../../packages/observability/src/index.ts'

/** A first piece that takes longer is a fault. */
const MOST_MS = 30_000
/** What is measured is not the limits. */
const UNLIMITED = {
  ...{ RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_PER_HOUR: '100000000', RATE_LIMIT_IP_PER_MINUTE: '1000000' },
  ...{ RUN_MAX_PER_USER: '1000', RUN_MAX_PER_ORGANISATION: '1000' },
}

const [environment] = await once(process, 'message')
const variables = {
  ...{ ...UNLIMITED, QUARRY_DATA: environment.folder, EMBEDDING_MODEL: 'off' },
  ...{ LLM_BASE_URL: `http://127.0.0.1:${environment.port}/v1`, LLM_API_KEY: 'x', LLM_MODEL: environment.model },
}
const core = createWebCore({
  adapters: { ...readAdapters(variables), database: environment.database, redis: environment.redis },
  limits: readLimits(variables),
  logger: createLogger({ name: 'bench', level: 'error' }),
})

const callerOf = (actor) =>
  createCaller({
    ...{ deps: core.deps, requestId: randomUUID(), actorChanged: () => undefined },
    ...{ resolveActor: () => Promise.resolve(actor), resolvePerson: () => Promise.resolve(null) },
    ...{ limitGuesses: (attempt) => attempt(), limits: createCallLimits(core.deps, '192.0.2.1') },
    admitStream: () => undefined,
  })

const ask = (caller) => caller.chat.send({ text: `What is new in ${randomUUID()}?`, idempotencyKey: randomUUID() })
/** Settles at the first piece of the text. */
const untilText = async (caller, runId) => {
  for await (const event of await caller.chat.stream({ runId })) {
    const data = Array.isArray(event) ? event[1] : (event.data ?? event)
    if (data?.type === 'text') return true
  }
  return false
}

let load = []
const TASKS = {
  first: async ({ actor }) => {
    const caller = callerOf(actor)
    const startedAt = performance.now()
    const { runId } = await ask(caller)
    const timeout = new Promise((resolve) => setTimeout(resolve, MOST_MS, false).unref())
    const seen = await Promise.race([untilText(caller, runId), timeout])
    const ms = performance.now() - startedAt
    await caller.chat.stop({ runId })
    return { ms: seen ? ms : null }
  },
  /** Answers that are being written, each with somebody who reads along. */
  load: async ({ actor, generations }) => {
    const caller = callerOf(actor)
    const runs = await Promise.all(Array.from({ length: generations }, () => ask(caller)))
    const begun = await Promise.all(runs.map(({ runId }) => untilText(caller, runId)))
    load = runs.map(({ runId }) => ({ caller, runId, reading: readAlong(caller, runId) }))
    return { running: begun.filter(Boolean).length }
  },
  unload: async () => {
    await Promise.all(load.map(({ caller, runId }) => caller.chat.stop({ runId })))
    await Promise.all(load.map(({ reading }) => reading))
    load = []
    return {}
  },
}
const readAlong = async (caller, runId) => {
  let events = 0
  for await (const _ of await caller.chat.stream({ runId })) events++
  return events
}

process.send('ready')
for (;;) {
  const [task] = await once(process, 'message')
  if (task.what === 'stop') break
  process.send(await TASKS[task.what](task))
}
await core.close()
process.disconnect()
process.exit()
