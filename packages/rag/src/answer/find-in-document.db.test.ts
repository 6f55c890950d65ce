import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectionId } from '@quarry/contracts'
import { createCollection, createDocument, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { findInDocument } from './find-in-document.ts'
import { ToolRefusal } from './tool-refusal.ts'

const LINE = 'Standards-Version: 4.5.1'
const filler = '𝒳 is drawn. '.repeat(60)
const EVERYTHING = { collectionIds: null, documentIds: null }

let database: TestDatabase
let tenant: TestTenant
let restricted: CollectionId

beforeAll(async () => {
  database = await createTestDatabase()
  tenant = await createTenant(database)
  const open = await createCollection(tenant)
  restricted = await createCollection(tenant, { visibility: 'restricted' })
  const pages = ['Nothing here.', `Source: hello\n${LINE}\nHomepage: none`, filler, `${filler}${LINE} ${filler}`]
  await createDocument(tenant, open, { path: 'guide.txt', pages })
  await createDocument(tenant, restricted, { path: 'secret.txt', pages })
})
afterAll(() => database.close())

const find = (name: string, words: string, scope = EVERYTHING, actor = tenant.viewer) =>
  findInDocument(tenant.as(actor), scope, undefined, name, words)

test('every page that has the words, in order, with what stands around them', async () => {
  const { passages, places } = await find('guide.txt', LINE)
  expect(places).toBe(2)
  expect(passages.map(({ ordinal }) => ordinal)).toEqual([2, 4])
  expect(passages[0]?.text).toBe(`Source: hello\n${LINE}\nHomepage: none`)
  expect(passages[1]?.text).toContain(LINE)
  expect(passages[1]?.text.length).toBeLessThan(LINE.length + 402)
  expect(passages.every(({ text }) => text.isWellFormed())).toBe(true)
})

test('letter for letter: a pattern is no pattern', async () => {
  expect((await find('guide.txt', 'Standards%4.5.1')).places).toBe(0)
  expect((await find('guide.txt', 'standards-version')).places).toBe(0)
})

test('a document that the caller may not see, or that is out of the scope, is not there', async () => {
  await expect(find('secret.txt', LINE)).rejects.toThrow(ToolRefusal)
  await expect(find('guide.txt', LINE, { collectionIds: [restricted], documentIds: null })).rejects.toThrow(ToolRefusal)
  expect((await find('secret.txt', LINE, EVERYTHING, tenant.owner)).places).toBe(2)
})
