import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EmbeddingAdapter } from '@quarry/config'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { call } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-kept-search-'))
  database = await createTestDatabase()
})
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

const open = (embedding: EmbeddingAdapter): WebCore => {
  const env = testEnvironment(database, folder)
  const core = createWebCore({ ...env, adapters: { ...env.adapters, embedding } })
  onTestFinished(() => core.close())
  return core
}
/** How two equal searches went, as the process counts it. */
const searchTwice = async (core: WebCore, { tenant, document }: World): Promise<Record<string, number>> => {
  for (let i = 0; i < 2; i++) {
    const outcome = await call(core, tenant.member, 'search.query', { query: 'loud' })
    expect(JSON.stringify(outcome)).toContain(document.documentId)
  }
  const [metric] = (await core.deps.metrics.registry.getMetricsAsJSON()).filter(({ name }) => name.includes('cached'))
  const ofSearch = metric?.values.filter(({ labels }) => labels['question'] === 'search.query') ?? []
  return Object.fromEntries(ofSearch.map(({ labels, value }) => [String(labels['outcome']), value]))
}

it('a search by words is found the second time', async () => {
  const core = open({ kind: 'off' })
  expect(await searchTwice(core, await createWorld(core, database))).toEqual({ hit: 1, miss: 1 })
})

it('one that went by words because the model was away is given, and made again', async () => {
  // Nothing listens there (RFC 863 is long gone).
  const away = {
    kind: 'openai-compatible',
    baseUrl: 'http://127.0.0.1:9/v1',
    apiKey: 'k',
    model: 'm',
    weight: null,
  } as const
  const core = open(away)
  expect((await searchTwice(core, await createWorld(core, database)))['hit']).toBeUndefined()
})
