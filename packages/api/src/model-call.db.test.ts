import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWebCore, sendMessage, streamRun, type VerbContext, type WebCore } from '@quarry/core/web'
import {
  createCollection,
  createDocument,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

/** A transaction of ours takes milliseconds; one that has been open for so long waits for something. */
const OPEN_MS = 400
const LOOKS = 20
const LOOK_EVERY_MS = 50

let database: TestDatabase
let tenant: TestTenant
let model: SlowModel
let core: WebCore
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-model-call-'))
  database = await createTestDatabase()
  tenant = await createTenant(database)
  await createDocument(tenant, await createCollection(tenant), { pages: ['The word of the quarry is granite.'] })
  model = await startSlowModel()
  core = createWebCore(slowModelEnvironment(database, folder, model))
})
afterAll(async () => {
  await core.close()
  await model.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

/** Whether a transaction of the product was seen open for long, while the model was waited for. */
const longTransactions = async (): Promise<boolean> => {
  for (let look = 0; look < LOOKS; look++) {
    const rows = await database.owner`
      select 1 from pg_stat_activity where datname = current_database() and application_name like 'quarry-web %'
        and xact_start < clock_timestamp() - ${OPEN_MS} * interval '1 millisecond'`
    if (rows.length > 0) return true
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  return false
}

it('no transaction is open while a model is waited for in the middle of an answer', async () => {
  const ctx: VerbContext = { deps: core.deps, actor: tenant.member, requestId: randomUUID() }
  const { runId } = await sendMessage(ctx, { text: 'What is the word of the quarry?', idempotencyKey: randomUUID() })
  const reader = new AbortController()
  const events = streamRun(ctx, { runId, lastEventId: null }, reader.signal)
  let last = ''
  for await (const event of events) {
    last = event.type
    if (event.type === 'text') {
      model.hang()
      expect(await longTransactions()).toBe(false)
      model.finish()
    }
    if (event.type === 'end') break
  }
  reader.abort()
  expect([last, model.requests()]).toEqual(['end', 1])
})

it('the same look finds a transaction that does wait for one', async () => {
  const answered = Promise.withResolvers<void>()
  const waiting = core.deps.database.tenant(tenant.member).tx(async (tx) => {
    await tx.execute('select 1')
    await answered.promise
  })
  expect(await longTransactions()).toBe(true)
  answered.resolve()
  await waiting
})
