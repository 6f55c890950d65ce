import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestRedis } from '../../packages/cache/src/testing/index.ts'
import { sendOutput } from '../../packages/contracts/src/index.ts'
import { mutate, processesOf, startProduct, startReplica, waitUntil } from '../../tests/fixtures/product/index.ts'
import { startChild } from './child.mjs'

/** What is measured is not the limits. */
const UNLIMITED = {
  ...{ RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_PER_HOUR: '100000000', RATE_LIMIT_IP_PER_MINUTE: '1000000' },
  ...{ RUN_MAX_PER_USER: '1000', RUN_MAX_PER_ORGANISATION: '1000' },
  ...{ STREAM_MAX_PER_USER: '10000', STREAM_MAX_PER_ORGANISATION: '10000', STREAM_MAX_PER_PROCESS: '10000' },
}

/**
 * The product on PostgreSQL and Redis: one web process that generates, of a model that ticks, and another one that is only
 * read from, which is the one that is measured.
 *
 * @param {import('@quarry/db/testing').TestDatabase} db
 * @param {number} tokens of each answer
 */
export const startScene = async (db, tokens) => {
  const redis = await startTestRedis()
  const provider = startChild('provider.mjs', [String(tokens)])
  const readers = startChild('readers.mjs')
  const port = await provider.next()
  const env = {
    ...UNLIMITED,
    ...{ DATABASE_URL: db.adapter.url, DATABASE_OWNER_URL: db.adapter.ownerUrl ?? '' },
    ...{ REDIS_URL: redis.adapter.url, WEB_REPLICAS: '2', AUTH_SECRET: 'a secret of the benchmark, long enough' },
    ...{ LLM_BASE_URL: `http://127.0.0.1:${port}/v1`, LLM_API_KEY: 'x', LLM_MODEL: 'ticking', EMBEDDING_MODEL: 'off' },
  }
  const generating = await startProduct({ env })
  const before = new Set(processesOf(generating.dataFolder).map(({ pid }) => pid))
  const NODE_OPTIONS = `--import=${join(import.meta.dirname, 'inside.mjs')}`
  const reading = await startReplica({ dataFolder: generating.dataFolder, env: { ...env, NODE_OPTIONS } })
  const pid = processesOf(generating.dataFolder).find((one) => !before.has(one.pid))?.pid
  if (pid === undefined) throw new Error('the measured process is not there')
  const { apiKey } = generating.credentials
  const pids = Object.fromEntries(
    [...processesOf(generating.dataFolder)].map((one) => [one.pid, one.pid === pid ? 'reading' : 'generating']),
  )

  return {
    readers,
    /** Asks so many questions, one after the other as people do; each answer begins at once. @returns {Promise<readonly string[]>} ids of the runs */
    ask: async (questions) => {
      const runIds = []
      for (let i = 0; i < questions; i++) {
        const question = { text: `Question ${i}?`, idempotencyKey: crypto.randomUUID() }
        runIds.push((await mutate({ url: generating.url, apiKey }, 'chat.send', question, sendOutput)).runId)
      }
      return runIds
    },
    /** Readers of these runs, in turn, all of them open after `overMs`. */
    read: (runIds, streams, overMs) =>
      readers.ask({
        ...{ what: 'open', overMs },
        readers: Array.from({ length: streams }, (_, i) => ({
          ...{ url: reading.url, apiKey, runId: runIds[i % runIds.length] },
        })),
      }),
    /** What the measured process holds, after its garbage has been collected. */
    holds: async () => {
      const said = () => [...reading.output().matchAll(/HOLDS (\{.*\})/g)]
      const { length } = said()
      process.kill(pid, 'SIGUSR2')
      return waitUntil('the measured process says what it holds', 20_000, () => {
        const [, json] = said()[length] ?? []
        return json !== undefined && JSON.parse(json)
      })
    },
    /** Seconds of processor time so far. */
    cpuSeconds: () => {
      const all = { reading: 0, generating: 0 }
      for (const [one, part] of Object.entries(pids)) {
        const stat = readFileSync(`/proc/${one}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        all[part] += (Number(fields[11]) + Number(fields[12])) / 100
      }
      return all
    },
    /** Connections of the measured process to the database that a transaction has held for longer than one takes. */
    heldConnections: async () => {
      const [{ held }] = await db.owner`
        select count(*)::int as held from pg_stat_activity
        where application_name like ${`%:${pid}`} and state <> 'idle' and now() - xact_start > interval '500 milliseconds'`
      return held
    },
    stop: async () => {
      await readers.stop()
      await reading.stop()
      await generating.stop()
      await provider.stop()
      await redis.close()
    },
  }
}
