import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schema } from '@quarry/db'
import { createCollection, createDocument, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestDocument, TestTenant } from '@quarry/db/testing'
import { readPlaces } from './read-places.ts'

const { chunk, documentPage } = schema
const TEXT = 'Bring gloves.\n\nSafety\n\nWork stops at force seven.'
const start = TEXT.indexOf('Safety')

let database: TestDatabase
let tenant: TestTenant
let document: TestDocument

beforeAll(async () => {
  database = await createTestDatabase()
  tenant = await createTenant(database)
  document = await createDocument(tenant, await createCollection(tenant), { pages: [TEXT] })
  await tenant.as(tenant.system).tx(async (tx) => {
    const { orgId } = tenant
    await tx
      .update(documentPage)
      .set({ blocks: [{ kind: 'heading', start, end: start + 'Safety'.length, level: 2 }] })
      .where(and(eq(documentPage.orgId, orgId), eq(documentPage.versionId, document.versionId)))
    await tx
      .update(chunk)
      .set({ headingPath: ['What you need'] })
      .where(and(eq(chunk.orgId, orgId), eq(chunk.versionId, document.versionId)))
  })
})
afterAll(() => database.close())

const placeOf = (quote: string, moved = 0) => {
  const start = TEXT.indexOf(quote) + moved
  return { versionId: document.versionId, ordinal: 1, span: { start, end: start + quote.length }, quote }
}

test('the heading above the words, not the first one of their passage', async () => {
  expect(await readPlaces(tenant.as(tenant.viewer), [placeOf('Work stops'), placeOf('Bring gloves')])).toEqual([
    { verified: true, heading: 'Safety' },
    { verified: true, heading: 'What you need' },
  ])
})

test('places that do not hold what is quoted, or that are not there, stand in their order; all take one statement', async () => {
  const statements: string[] = []
  const watched = database.open({
    watch: ({ text, entrance }, run) => {
      if (!entrance) statements.push(text)
      return run()
    },
  })
  const nowhere = { ...placeOf('Work stops'), ordinal: 2 }
  const places = [nowhere, placeOf('Work stops', 1), placeOf('Work stops'), placeOf('Bring')]
  expect(await readPlaces(watched.tenant(tenant.viewer), places)).toEqual([
    { verified: false, heading: null },
    { verified: false, heading: 'Safety' },
    { verified: true, heading: 'Safety' },
    { verified: true, heading: 'What you need' },
  ])
  expect(statements).toHaveLength(1)
})
