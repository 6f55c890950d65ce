import { and, eq } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { schema } from '@quarry/db'
import { createCollection, createDocument, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestDocument, TestTenant } from '@quarry/db/testing'
import { readHeading } from './read-heading.ts'

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

const headingAt = (words: string) =>
  readHeading(tenant.as(tenant.viewer), { versionId: document.versionId, ordinal: 1, start: TEXT.indexOf(words) })

test('the heading above the words, not the first one of their passage', async () => {
  expect(await headingAt('Work stops')).toBe('Safety')
  expect(await headingAt('Bring gloves')).toBe('What you need')
})
