import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAdapters, type EmbeddingAdapter } from '@quarry/config'
import type { VersionId } from '@quarry/contracts'
import { openDatabase, type Database } from '@quarry/db'
import { createCollection, createDocument, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createSemanticIndex } from './semantic-index.ts'

let db: TestDatabase
let database: Database
let folder: string
let tenant: TestTenant
let versionId: VersionId

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-semantic-'))
  db = await createTestDatabase()
  database = openDatabase(db.adapter)
})
beforeEach(async () => {
  await db.owner`delete from graphile_worker._private_jobs`
  await db.owner`delete from document`
  tenant = await createTenant(db)
  const collectionId = await createCollection(tenant)
  const made = await createDocument(tenant, collectionId)
  versionId = made.versionId
  await db.owner`update document_version set updated_at = now() - interval '1 hour' where id = ${versionId}`
})
afterAll(async () => {
  await database.close()
  await db.close()
  await rm(folder, { recursive: true })
})

const indexWith = (embedding: EmbeddingAdapter) =>
  createSemanticIndex({
    database,
    adapters: { ...readAdapters({ QUARRY_DATA: folder }), embedding },
    logger: createLogger({ name: 'test', level: 'silent' }),
    isReading: () => false,
  })
const builtIn = () => indexWith({ kind: 'built-in', weight: null })
const jobs = async () => [
  ...(await db.owner`
    select t.identifier as job, r.priority, j.payload->>'versionId' as version
    from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id join job_run r on r.job_id = j.id::text`),
]
const semantic = async () =>
  (await db.owner`select semantic, semantic_model as model from document_version where id = ${versionId}`)[0]

test('a version that becomes live waits for its vectors, behind every file', async () => {
  const { published } = builtIn()
  await tenant.as(tenant.system).tx((tx) => published(tx, tenant.orgId, versionId, 'english'))
  expect(await jobs()).toEqual([{ job: 'document.embed', priority: 10, version: versionId }])
  expect(await semantic()).toMatchObject({ semantic: 0 })
})

test('one in a language that the model does not know waits for nothing', async () => {
  const { published } = builtIn()
  await tenant.as(tenant.system).tx((tx) => published(tx, tenant.orgId, versionId, 'german'))
  expect(await jobs()).toEqual([])
  expect(await semantic()).toMatchObject({ semantic: null })
})

test('what was there before the model is found once, and put into the queue once', async () => {
  const index = builtIn()
  await index.backfill()
  await index.backfill()
  expect(await jobs()).toEqual([{ job: 'document.embed', priority: 10, version: versionId }])
  expect(await semantic()).toEqual({ semantic: 0, model: 'built-in/use-lite-512@1' })
})

test('switched off, nothing waits', async () => {
  const index = indexWith({ kind: 'off' })
  await tenant.as(tenant.system).tx((tx) => index.published(tx, tenant.orgId, versionId, 'english'))
  await index.backfill()
  expect(await jobs()).toEqual([])
  expect(await semantic()).toEqual({ semantic: null, model: null })
})
