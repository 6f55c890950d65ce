import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TenantDb } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { lexemesOf } from './word-lexemes.ts'

let database: TestDatabase
let tenantDb: TenantDb
const asked: string[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  const tenant = await createTenant(database)
  const watched = database.open({
    watch: ({ entrance, params }, run) => {
      if (!entrance) asked.push(String(params[0]))
      return run()
    },
  })
  tenantDb = watched.tenant(tenant.member)
}, 60_000)
afterAll(() => database.close())

const lexemes = async (words: string[], ...configurations: ('english' | 'german')[]) => [
  ...(await tenantDb.tx((tx) => lexemesOf(tx, words, configurations))),
]

test('a word has the lexemes of all languages, and one that is none has none', async () => {
  expect(await lexemes(['studies', 'häuser', 'the', '–'], 'english', 'german')).toEqual([
    ['studies', ['studi']],
    ['häuser', ['haus', 'häuser']],
    ['the', ['the']],
    ['–', []],
  ])
})

test('a word is asked for once, and again in other languages', async () => {
  asked.length = 0
  expect(await lexemes(['marmots'], 'english')).toEqual([['marmots', ['marmot']]])
  expect(await lexemes(['marmots', 'badgers'], 'english')).toHaveLength(2)
  expect(await lexemes(['badgers', 'marmots'], 'english')).toHaveLength(2)
  await lexemes(['marmots'], 'german')
  const words = asked.map((list) => [...list.matchAll(/"word":"(\w+)"/g)].map(([, word]) => word))
  expect(words).toEqual([['marmots'], ['badgers'], ['marmots']])
})
