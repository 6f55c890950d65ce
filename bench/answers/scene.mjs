import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { startTestRedis } from '../../packages/cache/src/testing/index.ts'
import { searchOutput, sendOutput } from '../../packages/contracts/src/index.ts'
import { startLlmDouble, textOf } from '../../packages/rag/src/model/testing/llm-double/index.ts'
import {
  freePort,
  isReady,
  mutate,
  productEnvironment,
  query,
  startProduct,
  waitUntil,
} from '../../tests/fixtures/product/index.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const WEB_SERVER = join(ROOT, 'apps', 'web', '.next', 'standalone', 'apps', 'web', 'server.js')
/** What is measured is not the limits. */
const UNLIMITED = {
  ...{ RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_PER_HOUR: '100000000', RATE_LIMIT_IP_PER_MINUTE: '1000000' },
  ...{ RUN_MAX_PER_USER: '1000', RUN_MAX_PER_ORGANISATION: '1000' },
  ...{ STREAM_MAX_PER_USER: '10000', STREAM_MAX_PER_ORGANISATION: '10000', STREAM_MAX_PER_PROCESS: '10000' },
}
const READY_MS = 90_000
/** A document of the sample, which answers cite. */
const WORDS = 'mast torque'

/** A search, then sentences that each cite what was found: text and citations in turn, as models write them. */
const replyOf = (sentences) => (request) => {
  const shown = request.messages.filter(({ role }) => role === 'tool').map(textOf)
  if (shown.length === 0) return { tool: 'search_documents', input: { query: WORDS } }
  const labels = [...shown.join('').matchAll(/"label":\s*"(p\d+)"/g)].map(([, label]) => label)
  const sentence = (i) => `Sentence ${i} says what the ${i}th thing is [${labels[i % labels.length] ?? 'p1'}].`
  return { text: Array.from({ length: sentences }, (_, i) => sentence(i)).join(' ') }
}

/** One web server that can be killed and started again on its port. */
const webServer = async (dataFolder, env) => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child
  const start = async () => {
    const own = { ...productEnvironment(dataFolder, port, env), HOSTNAME: '127.0.0.1', NODE_ENV: 'production' }
    child = spawn(process.execPath, [WEB_SERVER], { env: own, stdio: 'ignore' })
    await waitUntil('a web server is ready', READY_MS, () => isReady(url))
  }
  const kill = async (signal) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }
  await start()
  return { url, start, kill: () => kill('SIGKILL'), stop: () => kill('SIGTERM'), pid: () => child.pid }
}

/**
 * The product on PostgreSQL and Redis with so many web servers of its own (and the one that boot starts, which nobody is
 * sent to), and a model that writes at a person's pace.
 *
 * @param {import('@quarry/db/testing').TestDatabase} db
 * @param {{ servers: number, sentences: number, betweenTokensMs: number }} options
 */
export const startScene = async (db, { servers, sentences, betweenTokensMs }) => {
  const redis = await startTestRedis()
  const model = await startLlmDouble({ reply: replyOf(sentences) })
  const env = {
    ...UNLIMITED,
    ...{ DATABASE_URL: db.adapter.url, DATABASE_OWNER_URL: db.adapter.ownerUrl ?? '', DB_POOL_SIZE: '8' },
    ...{ REDIS_URL: redis.adapter.url, WEB_REPLICAS: String(servers + 1) },
    ...{ AUTH_SECRET: 'a secret of the benchmark, long enough', EMBEDDING_MODEL: 'off' },
    ...{ LLM_BASE_URL: model.baseUrl, LLM_API_KEY: 'x', LLM_MODEL: `mock-itl${betweenTokensMs}` },
  }
  const product = await startProduct({ env })
  const { apiKey } = product.credentials
  await waitUntil('the sample can be searched', READY_MS, async () => {
    const { hits } = await query({ url: product.url, apiKey }, 'search.query', { query: WORDS }, searchOutput)
    return hits.length > 0
  })
  const replicas = []
  for (let i = 0; i < servers; i++) replicas.push(await webServer(product.dataFolder, env))
  const call = (url) => ({ url, apiKey })
  return {
    ...{ redis, model, replicas, apiKey, product },
    /** @returns {Promise<import('@quarry/contracts').SendOutput>} */
    ask: (url, text) => mutate(call(url), 'chat.send', { text, idempotencyKey: crypto.randomUUID() }, sendOutput),
    /** Redis forgets everything, and goes on. */
    flush: async () => {
      const socket = connect(redis.port, '127.0.0.1')
      socket.write('FLUSHALL\r\n')
      await once(socket, 'data')
      socket.destroy()
    },
    query: (url, path, input, output) => query(call(url), path, input, output),
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()))
      await product.stop()
      await model.close()
      await redis.close()
      rmSync(product.dataFolder, { recursive: true, force: true })
    },
  }
}
