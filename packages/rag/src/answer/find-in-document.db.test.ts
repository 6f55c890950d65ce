import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CollectionId } from '@quarry/contracts'
import { createCollection, createDocument, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { createChatModel } from '../model/chat-model.ts'
import { findInDocument } from './find-in-document.ts'
import { generateAnswer } from './generate-answer.ts'
import type { AnswerScope } from './scope.ts'
import { ToolRefusal } from './tool-refusal.ts'

const LINE = 'Standards-Version: 4.5.1'
const filler = '𝒳 is drawn. '.repeat(60)
const EVERYTHING: AnswerScope = { collectionIds: null, documentIds: null }

let database: TestDatabase
let tenant: TestTenant
let restricted: CollectionId

beforeAll(async () => {
  database = await createTestDatabase()
  tenant = await createTenant(database)
  const open = await createCollection(tenant)
  restricted = await createCollection(tenant, { visibility: 'restricted' })
  const entry = `Source: hello\n\n${LINE}\n\nHomepage: none`
  const pages = ['Nothing here.', entry, filler, `${filler}${LINE} ${filler}`]
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
  expect(passages[0]?.text).toBe(`Source: hello\n\n${LINE}\n\nHomepage: none`)
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

test('an answer that is a mere entry is cited from its first places, and says in how many it stands', async () => {
  const pages = ['first', 'second', 'third', 'fourth'].map((nth) => `This is the ${nth} part.\n\n${LINE}`)
  const { documentId } = await createDocument(tenant, await createCollection(tenant), { path: 'control.txt', pages })
  const { text, citations } = await generateAnswer({
    model: createChatModel({ kind: 'built-in' }),
    tenantDb: tenant.as(tenant.viewer),
    history: [],
    question: 'What is the Standards-Version?',
    scope: { collectionIds: null, documentIds: [documentId] },
    signal: new AbortController().signal,
    emit: () => {},
  })
  expect(text).toMatch(/Standards-Version: 4\.5\.1.*\[\^1\][\s\S]*4 places[\s\S]*\[\^2\]/u)
  expect(citations.map(({ ordinal, verified }) => [ordinal, verified])).toEqual([
    [1, true],
    [2, true],
    [3, true],
  ])
})
