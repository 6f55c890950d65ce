import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { startTestRedis } from '../../packages/cache/src/testing/index.ts'
import { createTenant } from '../../packages/db/src/testing/index.ts'
import { quantile } from '../pool/callers.mjs'

/**
 * A provider as there are: the first token of a hosted model comes after some hundred milliseconds, and then 25 a second.
 * What is promised is about what a person waits for, which is that time and ours; ours alone is said beside it. As long as
 * a phase lasts, whatever the machine does: answers are stopped at its end.
 */
const FIRST_TOKEN_MS = 300
/** A question that documents are searched for: one call of the model asks for the search, the next one answers. */
const CALLS = 2
const MODEL = `mock-ttft${FIRST_TOKEN_MS}-itl40-len5000`
const PROVIDER = path.join(import.meta.dirname, '..', 'load', 'provider.mjs')

const forked = (file) => {
  const child = fork(file, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return { child, next: async () => (await once(child, 'message'))[0] }
}

const startWeb = async (environment) => {
  const { child, next } = forked(path.join(import.meta.dirname, 'web.mjs'))
  const ready = next()
  child.send(environment)
  await ready
  return {
    ask: (task) => {
      const answered = next()
      child.send(task)
      return answered
    },
    stop: async () => {
      child.send({ what: 'stop' })
      await once(child, 'exit')
    },
  }
}

const rounded = (ms) => Math.round(ms * 10) / 10

/**
 * From a question to the first piece of its answer's text, with and without fifty answers that a neighbour's members read.
 * Phases alternate; the figures are of the samples of all rounds together, which a p95 of twenty would not be.
 *
 * @returns {Promise<{ generations: number, faults: number, samples: number, calm: number, loaded: number, own: { calm: number, loaded: number }, rounds: { calm: number, loaded: number }[] }>} p95 in ms
 */
export const tokensBesideMany = async ({ db, dataFolder, short, say }) => {
  const generations = short ? 20 : 50
  const rounds = short ? 3 : 7
  const perPhase = short ? 8 : 20
  const [a, b] = [await createTenant(db), await createTenant(db)]
  const redis = await startTestRedis()
  const provider = forked(PROVIDER)
  const { port } = await provider.next()
  const web = await startWeb({ folder: dataFolder, database: db.adapter, redis: redis.adapter, port, model: MODEL })
  let faults = 0
  const phase = async () => {
    const took = []
    for (let i = 0; i < perPhase; i++) {
      const { ms } = await web.ask({ what: 'first', actor: b.member })
      if (ms === null) faults++
      else took.push(ms)
    }
    return took
  }
  try {
    await phase()
    const all = { calm: [], loaded: [] }
    const results = []
    for (let i = 0; i < rounds; i++) {
      const calm = await phase()
      const { running } = await web.ask({ what: 'load', actor: a.member, generations })
      if (running !== generations) faults++
      const loaded = await phase()
      await web.ask({ what: 'unload' })
      all.calm.push(...calm)
      all.loaded.push(...loaded)
      results.push({ calm: rounded(quantile(calm, 0.95)), loaded: rounded(quantile(loaded, 0.95)) })
      say(`first tokens: ${JSON.stringify(results.at(-1))}`)
    }
    const [calm, loaded] = [rounded(quantile(all.calm, 0.95)), rounded(quantile(all.loaded, 0.95))]
    const own = { calm: rounded(calm - CALLS * FIRST_TOKEN_MS), loaded: rounded(loaded - CALLS * FIRST_TOKEN_MS) }
    return { generations, faults, samples: all.calm.length, calm, loaded, own, rounds: results }
  } finally {
    await web.stop()
    const ended = once(provider.child, 'exit')
    provider.child.disconnect()
    await ended
    await redis.close()
  }
}
