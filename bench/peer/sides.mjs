import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createDocument } from '../../packages/db/src/testing/index.ts'
import { freePort } from '../../scripts/services/free-port.mjs'
import { startProduct, waitUntil } from '../../tests/fixtures/product/index.ts'

/** What is measured is not the limits: both charge each call, and have enough. */
const UNLIMITED = {
  ...{ RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_PER_HOUR: '100000000', RATE_LIMIT_IP_PER_MINUTE: '1000000' },
  ...{ RUN_MAX_PER_USER: '1000', RUN_MAX_PER_ORGANISATION: '1000' },
  ...{ STREAM_MAX_PER_USER: '10000', STREAM_MAX_PER_ORGANISATION: '10000', STREAM_MAX_PER_PROCESS: '10000' },
}
/** In a page of the list, on both sides. */
export const DOCUMENTS = 20

/** One replica of ours, as `npm start` runs it, with documents. */
export const startOurs = async ({ db, redis, llmUrl, model }) => {
  const env = {
    ...UNLIMITED,
    ...{ DATABASE_URL: db.adapter.url, DATABASE_OWNER_URL: db.adapter.ownerUrl ?? '', REDIS_URL: redis.adapter.url },
    ...{ AUTH_SECRET: 'a secret of the benchmark, long enough', EMBEDDING_MODEL: 'off' },
    ...{ LLM_BASE_URL: llmUrl, LLM_API_KEY: 'x', LLM_MODEL: model },
  }
  const product = await startProduct({ env })
  const headers = { authorization: `Bearer ${product.credentials.apiKey}` }
  const ask = async (name) => (await (await fetch(`${product.url}/api/trpc/${name}`, { headers })).json()).result.data
  const { organisation } = await ask('session.me')
  const [collection] = await ask('collections.list')
  const orgId = organisation.id
  const tenant = {
    ...{ orgId, system: { kind: 'system', id: null, orgId, role: 'owner' } },
    as: (actor) => db.database.tenant(actor),
  }
  for (let i = 0; i < DOCUMENTS + 5; i++)
    await createDocument(tenant, collection.id, {
      path: `Document number ${i}.md`,
      pages: [`The third document says ${i}.`],
    })
  const input = encodeURIComponent(JSON.stringify({ limit: DOCUMENTS }))
  return {
    ...{ kind: 'ours', url: product.url, headers },
    reads: `${product.url}/api/trpc/documents.list?input=${input}`,
    listed: (text) => JSON.parse(text).result.data.items.length,
    stop: () => product.stop(),
  }
}

/** One worker of the peer, with pool, cache and limits (MODE=after). */
export const startPeer = async ({ folder, db, redis, llmUrl, model }) => {
  const port = await freePort()
  const env = {
    ...process.env,
    ...{ DSN: db.adapter.ownerUrl ?? db.adapter.url, REDIS_URL: redis.adapter.url, LLM_URL: llmUrl, LLM_MODEL: model },
    // Its folder is somebody's: nothing is left there.
    PYTHONDONTWRITEBYTECODE: '1',
  }
  const child = spawn(path.join(path.resolve(folder), 'run'), ['after', '1', String(port)], {
    ...{ env, stdio: ['ignore', 'pipe', 'inherit'] },
  })
  let output = ''
  child.stdout.on('data', (piece) => (output += piece))
  const ended = once(child, 'exit')
  const end = () => child.kill('SIGKILL')
  process.once('exit', end)
  const url = `http://127.0.0.1:${port}`
  await waitUntil('the peer answers', 60_000, async () => {
    if (child.exitCode !== null) throw new Error(`the peer ended with ${child.exitCode}`)
    return fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
  })
  const token = /^token .*: (\S+)$/m.exec(output)?.[1]
  if (token === undefined) throw new Error('the peer has said no token')
  return {
    ...{ kind: 'peer', url, headers: { authorization: `Bearer ${token}` }, reads: `${url}/documents` },
    listed: (text) => JSON.parse(text).length,
    stop: async () => {
      process.off('exit', end)
      child.kill('SIGTERM')
      await ended
    },
  }
}
