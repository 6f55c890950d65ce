import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { VersionId } from '@quarry/contracts'
import { openDatabase, type TenantDb } from '@quarry/db'
import { processVersion } from '../ingest/process-version.ts'
import {
  afterEachTx,
  handbook,
  openIngestion,
  type Ingestion,
  type IngestionTenant,
} from '../ingest/testing/ingestion.ts'
import { awaitEmbedding, endEmbedding, forgetEmbedding, unembeddedVersions } from './await-embedding.ts'
import { embedVersion } from './embed-version.ts'
import type { EmbeddingModel } from './embedding-model.ts'
import { createEndpointModel } from './remote/endpoint-model.ts'
import { deleteVectors } from './store-windows.ts'
import { startEmbeddingsServer, type EmbeddingsServer } from './testing/embeddings-server.ts'

let ingestion: Ingestion
let server: EmbeddingsServer
let model: EmbeddingModel
let t: IngestionTenant
beforeAll(async () => {
  ingestion = await openIngestion()
  server = await startEmbeddingsServer(['lantern', 'compass'])
})
afterAll(async () => {
  await server.close()
  await ingestion.close()
})
beforeEach(async () => {
  t = await ingestion.newTenant()
  server.asked.length = 0
  server.next.length = 0
  // Small windows and batches: many transactions, so many places to be interrupted at.
  model = { ...createEndpointModel(server.adapter), window: { words: 30 }, batchSize: 4, knows: (l) => l === 'english' }
})
const never = new AbortController().signal

const searchable = async (content: string, options: Parameters<IngestionTenant['upload']>[1] = {}) => {
  const made = await t.upload(content, options)
  expect(await processVersion(ingestion.deps, t.tenantDb, made.versionId, never)).toBe('searchable')
  return made
}
const embed = (versionId: VersionId, tenantDb: TenantDb = t.tenantDb) =>
  embedVersion({ model }, tenantDb, versionId, never)
const semantic = async (versionId: VersionId) =>
  (await ingestion.db.owner`select semantic, semantic_model as model from document_version where id = ${versionId}`)[0]
const vectors = async (versionId: VersionId) => [
  ...(await ingestion.db.owner<{ ordinal: number; window: number; model: string; hash: string; vector: string }[]>`
    select ordinal, window_ordinal as window, model, text_hash as hash, embedding::text as vector
    from chunk_embedding where version_id = ${versionId} order by 3, 1, 2`),
]

describe('a calm run', () => {
  test('gives every passage vectors, and says how far it is', async () => {
    const { documentId, versionId } = await searchable(handbook('lantern', 10))
    const seen: unknown[] = []
    const watching = afterEachTx(t.tenantDb, async () => void seen.push((await semantic(versionId))?.['semantic']))
    expect(await embed(versionId, watching)).toBe('embedded')
    const { chunks } = await t.rowsOf(versionId)
    const rows = await vectors(versionId)
    expect(new Set(rows.map(({ ordinal }) => ordinal)).size).toBe(chunks.length)
    // The same sentence stands in many places: each text was asked for once, after the one that tells the dimension.
    expect(server.asked).toHaveLength(new Set(rows.map(({ hash }) => hash)).size + 1)
    expect(await semantic(versionId)).toEqual({ semantic: 100, model: server.id })
    const steps = seen.filter((value) => value !== null)
    expect(steps).toEqual(steps.toSorted((a, b) => Number(a) - Number(b)))
    expect(new Set(steps).size).toBeGreaterThan(2)
    const signals = await ingestion.db.owner`select from signal where subject_id = ${documentId}`
    expect(signals.length).toBeGreaterThan(2)
  })

  test('does not embed a text again that the organisation has a vector of', async () => {
    const first = await searchable(handbook('lantern', 10))
    await embed(first.versionId)
    const asked = server.asked.length
    const twin = await searchable(handbook('lantern', 10))
    await embed(twin.versionId)
    expect(server.asked).toHaveLength(asked)
    expect(await vectors(twin.versionId)).toEqual(await vectors(first.versionId))
    expect(await embed(twin.versionId)).toBe('embedded')
    expect(server.asked).toHaveLength(asked)
  })

  test("does not look into another organisation's vectors", async () => {
    const { versionId } = await searchable(handbook('lantern', 3))
    await embed(versionId)
    const asked = server.asked.filter((text) => text !== 'dimension').length
    t = await ingestion.newTenant()
    const theirs = await searchable(handbook('lantern', 3))
    await embed(theirs.versionId)
    expect(server.asked.filter((text) => text !== 'dimension')).toHaveLength(2 * asked)
  })

  test('leaves a language out that the model does not know', async () => {
    const german = 'Der Hafenmeister hat die Abgabe auf Kupfer für die Heringsboote nach neunzig Bitten abgeschafft. '
    const { versionId } = await searchable(german.repeat(5))
    expect(await embed(versionId)).toBe('without')
    expect(server.asked).toEqual(['dimension'])
    expect(await semantic(versionId)).toEqual({ semantic: null, model: server.id })
  })

  test('ends what another model left', async () => {
    const { versionId } = await searchable(handbook('lantern', 3))
    await embed(versionId)
    const before = await vectors(versionId)
    await ingestion.db.owner`update chunk_embedding set model = 'old/model@3' where version_id = ${versionId}`
    expect(await embed(versionId)).toBe('embedded')
    expect(await vectors(versionId)).toEqual(before)
  })
})

describe('an interrupted run', () => {
  test('is taken up where it stopped, and ends with the same rows', async () => {
    const calm = await searchable(handbook('lantern', 8))
    await embed(calm.versionId)
    const expected = await vectors(calm.versionId)
    const asked = server.asked.length
    await ingestion.db.owner`delete from chunk_embedding where version_id = ${calm.versionId}`
    server.asked.length = 0
    for (let left = 1; ; left++) {
      let budget = left
      const dying = afterEachTx(t.tenantDb, () =>
        budget-- > 0 ? Promise.resolve() : Promise.reject(new Error('killed')),
      )
      const outcome = await embed(calm.versionId, dying).catch((error: unknown) => String(error))
      if (outcome === 'embedded') break
      expect(outcome).toBe('Error: killed')
    }
    expect(await vectors(calm.versionId)).toEqual(expected)
    expect(await semantic(calm.versionId)).toEqual({ semantic: 100, model: server.id })
    // What was written is not embedded again; only what a killed run had asked for and not written yet.
    expect(server.asked.length).toBeLessThan(asked * 2)
  }, 120_000)

  test('by the model goes on when it answers again', async () => {
    const { versionId } = await searchable(handbook('lantern', 4))
    await model.identity({ signal: never })
    server.next.push({ kind: 'status', status: 404 })
    await expect(embed(versionId)).rejects.toMatchObject({ code: 'model_unavailable' })
    expect(await embed(versionId)).toBe('embedded')
  })
})

describe('a version that is no longer the live one', () => {
  test('ends quietly in the middle, and leaves no vector', async () => {
    const old = await searchable(handbook('lantern', 10))
    let steps = 0
    const replacing = afterEachTx(t.tenantDb, async () => {
      if (++steps === 8) await searchable(handbook('compass', 3), { documentId: old.documentId })
    })
    expect(await embed(old.versionId, replacing)).toBe('ended')
    expect(steps).toBeGreaterThanOrEqual(8)
    expect(await vectors(old.versionId)).toEqual([])
  })

  test('ends quietly when it was deleted', async () => {
    const { documentId, versionId } = await searchable(handbook('lantern', 10))
    let steps = 0
    const deleting = afterEachTx(t.tenantDb, async () => {
      if (++steps === 8) await ingestion.db.owner`delete from document where id = ${documentId}`
    })
    expect(await embed(versionId, deleting)).toBe('ended')
    await expect(embed(versionId)).rejects.toMatchObject({ code: 'not_found' })
  })

  test('loses its vectors with its passages', async () => {
    const old = await searchable(handbook('lantern', 3))
    await embed(old.versionId)
    expect(await vectors(old.versionId)).not.toEqual([])
    await searchable(handbook('compass', 3), { documentId: old.documentId })
    expect(await vectors(old.versionId)).toEqual([])
  })
})

describe('what waits for a model', () => {
  const waiting = async (modelId: string) => {
    const database = openDatabase(ingestion.db.adapter)
    try {
      return (await unembeddedVersions(database, modelId, 1000)).map(({ versionId }) => versionId)
    } finally {
      await database.close()
    }
  }
  const begin = (versionId: VersionId, language: string, modelId: string | null) =>
    t.tenantDb.tx((tx) => awaitEmbedding(tx, t.tenantDb.actor.orgId, versionId, language, model, modelId))

  test('is what another model embedded, and what has none for a while', async () => {
    const { versionId } = await searchable(handbook('lantern', 3))
    // Just published: its own job is on its way.
    expect(await waiting(server.id)).not.toContain(versionId)
    await ingestion.db
      .owner`update document_version set updated_at = now() - interval '3 minutes' where id = ${versionId}`
    expect(await waiting(server.id)).toContain(versionId)
    expect(await begin(versionId, 'english', server.id)).toBe(true)
    expect(await semantic(versionId)).toEqual({ semantic: 0, model: server.id })
    expect(await waiting(server.id)).not.toContain(versionId)
    expect(await waiting('another/model@3')).toContain(versionId)
    expect(await begin(versionId, 'german', server.id)).toBe(false)
    expect(await semantic(versionId)).toEqual({ semantic: null, model: server.id })
    expect(await waiting(server.id)).not.toContain(versionId)
  })

  test('comes back after its job was given up, unless it is complete', async () => {
    const { versionId } = await searchable(handbook('lantern', 3))
    const { orgId } = t.tenantDb.actor
    await begin(versionId, 'english', server.id)
    await t.tenantDb.tx((tx) => forgetEmbedding(tx, orgId, versionId))
    expect(await semantic(versionId)).toMatchObject({ model: null })
    await embed(versionId)
    await t.tenantDb.tx((tx) => forgetEmbedding(tx, orgId, versionId))
    expect(await semantic(versionId)).toEqual({ semantic: 100, model: server.id })
    await deleteVectors(t.tenantDb, [versionId], never)
    expect(await vectors(versionId)).toEqual([])
  })

  test('one that is not to be made any more has none, and is not found again', async () => {
    const { versionId } = await searchable(handbook('lantern', 3))
    const { orgId } = t.tenantDb.actor
    await begin(versionId, 'english', null)
    await t.tenantDb.tx((tx) => endEmbedding(tx, orgId, versionId, server.id))
    expect(await semantic(versionId)).toEqual({ semantic: null, model: server.id })
  })
})
