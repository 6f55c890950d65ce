import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { searchFacets, type Actor, type CollectionId } from '@quarry/contracts'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createCollection, createDocument, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { call } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'

let database: TestDatabase
let core: WebCore
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-search-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const facetsFor = async (actor: Actor) => {
  const outcome = await call(core, actor, 'search.facets', undefined)
  if (!outcome.ok) throw new Error(JSON.stringify(outcome))
  return searchFacets.parse(outcome.output)
}

/** A searchable document of a kind and a language. */
const add = async (
  tenant: TestTenant,
  collectionId: CollectionId,
  mediaType: string,
  language: string | null,
  state = 'searchable',
) => {
  const { versionId } = await createDocument(tenant, collectionId)
  await database.owner.unsafe(`update document_version set media_type = $1, language = $2, state = $3 where id = $4`, [
    mediaType,
    language,
    state,
    versionId,
  ])
}

it('counts the kinds and languages of what the caller can search, most first, and of nothing else', async () => {
  const tenant = await createTenant(database)
  const open = await createCollection(tenant)
  const closed = await createCollection(tenant, { visibility: 'restricted' })
  const stranger = await createTenant(database)
  await add(stranger, await createCollection(stranger), 'text/html', 'french')

  expect(await facetsFor(tenant.owner)).toEqual({ mediaTypes: [], languages: [] })
  await add(tenant, open, 'text/markdown', 'english')
  await add(tenant, open, 'text/markdown', 'german')
  await add(tenant, open, 'application/pdf', 'german')
  await add(tenant, open, 'image/png', null)
  await add(tenant, open, 'application/rtf', 'spanish', 'failed')
  await add(tenant, open, 'application/x-of-a-newer-release', 'english')
  await add(tenant, closed, 'application/pdf', 'french')
  await add(tenant, closed, 'application/pdf', 'french')
  // Raw SQL tells nobody.
  await core.deps.wrote([tenant.orgId])

  const visible = {
    mediaTypes: [
      { value: 'text/markdown', documents: 2 },
      { value: 'application/pdf', documents: 1 },
      { value: 'image/png', documents: 1 },
    ],
    languages: [
      { value: 'english', documents: 2 },
      { value: 'german', documents: 2 },
    ],
  }
  expect(await facetsFor(tenant.member)).toEqual(visible)
  expect(await facetsFor(tenant.owner)).toEqual({
    mediaTypes: [
      { value: 'application/pdf', documents: 3 },
      { value: 'text/markdown', documents: 2 },
      { value: 'image/png', documents: 1 },
    ],
    languages: [
      { value: 'english', documents: 2 },
      { value: 'french', documents: 2 },
      { value: 'german', documents: 2 },
    ],
  })
})
