import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { startTestRedis } from '../../packages/cache/src/testing/index.ts'
import { createTenant } from '../../packages/db/src/testing/index.ts'
import { quantile } from '../pool/callers.mjs'
import { startChild } from '../streams/child.mjs'

/** As long as a phase lasts, whatever the machine does: they are stopped at its end. */
const TOKENS = 5_000

const startWeb = async (environment) => {
  const child = fork(path.join(import.meta.dirname, 'web.mjs'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const next = async () => (await once(child, 'message'))[0]
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

/**
 * From a question to the first piece of its answer's text, with and without fifty answers that a neighbour's members read.
 *
 * @returns {Promise<{ generations: number, faults: number, rounds: { calm: number, loaded: number }[] }>} p95 in ms
 */
export const tokensBesideMany = async ({ db, dataFolder, short, say }) => {
  const generations = short ? 20 : 50
  const rounds = short ? 3 : 7
  const perPhase = short ? 8 : 20
  const [a, b] = [await createTenant(db), await createTenant(db)]
  const redis = await startTestRedis()
  const provider = startChild('provider.mjs', [String(TOKENS)])
  const port = await provider.next()
  const web = await startWeb({ folder: dataFolder, database: db.adapter, redis: redis.adapter, port })
  let faults = 0
  const phase = async () => {
    const took = []
    for (let i = 0; i < perPhase; i++) {
      const { ms } = await web.ask({ what: 'first', actor: b.member })
      if (ms === null) faults++
      else took.push(ms)
    }
    return Math.round(quantile(took, 0.95) * 10) / 10
  }
  try {
    await phase()
    const results = []
    for (let i = 0; i < rounds; i++) {
      const calm = await phase()
      const { running } = await web.ask({ what: 'load', actor: a.member, generations })
      if (running !== generations) faults++
      const loaded = await phase()
      await web.ask({ what: 'unload' })
      results.push({ calm, loaded })
      say(`first tokens: ${JSON.stringify(results.at(-1))}`)
    }
    return { generations, faults, rounds: results }
  } finally {
    await web.stop()
    await provider.stop()
    await redis.close()
  }
}
