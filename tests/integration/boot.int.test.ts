import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { documentItem, health, me, pageOf } from '@quarry/contracts'
import {
  freePort,
  newDataFolder,
  processesOf,
  productEnvironment,
  quarry,
  query,
  spawnBoot,
  startProduct,
  STOP_TIMEOUT_MS,
  type Product,
} from '../fixtures/product/index.ts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'

/** Runs `npm start`'s command where it cannot succeed. */
const startInVain = async (dataFolder: string, port: number) => {
  const { output, exited } = spawnBoot(productEnvironment(dataFolder, port))
  const code = await exited
  return { code, lines: output().trim().split('\n') }
}

/** What anybody may list with the first workspace's key. */
const documentPaths = async ({ url, credentials: { apiKey } }: Product) => {
  const { items } = await query({ url, apiKey }, 'documents.list', { limit: 100 }, pageOf(documentItem))
  return items.map(({ path, latest }) => `${path} ${latest.state}`).toSorted()
}

/** Opens the feed of changes as a browser does, and leaves it open. Resolves when the server has begun to answer. */
const openStream = async ({ url, credentials: { apiKey } }: Product) => {
  const response = await fetch(`${url}/api/trpc/feed.stream?input=${encodeURIComponent('{}')}`, {
    headers: { accept: 'text/event-stream', authorization: `Bearer ${apiKey}` },
  })
  if (!response.ok || response.body === null) throw new Error(`the stream was refused: ${response.status}`)
  const reader = response.body.getReader()
  const first = await reader.read()
  return { contentType: response.headers.get('content-type'), first, reader }
}

describe('starting and stopping', () => {
  let dataFolder: string
  let product: Product

  beforeAll(async () => {
    dataFolder = await newDataFolder()
    product = await startProduct({ dataFolder })
  })
  const others: string[] = []
  const otherFolder = async () => {
    others.push(await newDataFolder())
    return others.at(-1) ?? ''
  }
  afterAll(async () => {
    await product.stop({ keepData: false })
    await Promise.all(others.map((folder) => rm(folder, { recursive: true, force: true })))
  })

  it('keeps the credentials of the first workspace for its owner alone', async () => {
    const { mode } = await stat(join(dataFolder, 'credentials.json'))
    expect((mode & 0o777).toString(8)).toBe('600')
    expect(product.credentials.url).toBe(product.url)
  })

  it('is ready, and the key of the credentials file is the owner’s', async () => {
    const response = await fetch(`${product.url}/api/health/ready`)
    expect(response.status).toBe(200)
    expect(health.parse(await response.json()).ok).toBe(true)
    const caller = { url: product.url, apiKey: product.credentials.apiKey }
    const who = await query(caller, 'session.me', undefined, me)
    expect(who).toMatchObject({ kind: 'api_key', organisation: { name: product.credentials.organisation } })
  })

  it('listens on this machine only', async () => {
    // 127.0.0.2 is this machine as well, but not the address that it listens on.
    await expect(fetch(`http://127.0.0.2:${product.port}/api/health/live`)).rejects.toThrow('fetch failed')
  })

  it('refuses a second instance on the same data with one line', async () => {
    const { code, lines } = await startInVain(dataFolder, await freePort())
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining(`already runs on ${dataFolder}`)])
  })

  it('refuses a busy port with one line', async () => {
    const other = await otherFolder()
    const { code, lines } = await startInVain(other, product.port)
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining(`Port ${product.port}`)])
    expect(processesOf(other)).toEqual([])
  })

  it('refuses a data folder that cannot be written with one line', async () => {
    const file = join(await otherFolder(), 'a-file')
    await writeFile(file, '')
    const { code, lines } = await startInVain(join(file, 'below'), await freePort())
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringContaining('cannot be written')])
  })

  it('ends in time with a stream open, leaves no process, and has everything when it starts again', async () => {
    const folder = await otherFolder()
    for (const { path, bytes } of tenantDocuments('restart'))
      await writeFile(join(folder, path.replace('/', '-')), bytes)
    expect(await quarry(product, ['ingest', folder, '--wait'])).toMatchObject({ code: 0 })
    const before = await documentPaths(product)
    expect(before.filter((line) => line.includes('restart-'))).toHaveLength(2)
    const parts = product.processes()
    expect(parts.length, 'boot, database, web and worker').toBeGreaterThanOrEqual(4)

    const { contentType, reader } = await openStream(product)
    expect(contentType).toContain('text/event-stream')
    const since = performance.now()
    expect(await product.stop({ keepData: true })).toBe(0)
    expect(performance.now() - since).toBeLessThan(STOP_TIMEOUT_MS)
    expect(processesOf(dataFolder)).toEqual([])
    await reader.cancel().catch(() => undefined)

    product = await startProduct({ dataFolder, port: product.port })
    expect(await documentPaths(product)).toEqual(before)
  })
})
