import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCollection, createEmbeddedTestDatabase, createTenant } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { createChatModel } from '../model/chat-model.ts'
import { ingestFile } from '../retrieve/testing/ingest-files.ts'
import { generateAnswer } from './generate-answer.ts'

const DOCUMENT = new URL('../model/built-in/calibration/documents/harbour-ferry-handbook.md', import.meta.url).pathname

let database: TestDatabase
let tenant: TestTenant

beforeAll(async () => {
  database = await createEmbeddedTestDatabase()
  tenant = await createTenant(database)
  await ingestFile(tenant.as(tenant.system), await createCollection(tenant), DOCUMENT, 'ferry.md')
}, 60_000)
afterAll(() => database.close())

test('an answer on the embedded database is found, cited and verified', async () => {
  const result = await generateAnswer({
    model: createChatModel({ kind: 'built-in' }),
    tenantDb: tenant.as(tenant.member),
    history: [],
    question: 'How long does the crossing to Saltmarsh take?',
    scope: { collectionIds: null, documentIds: null },
    signal: new AbortController().signal,
    emit: () => {},
  })
  expect(result.text).toContain('14 minutes')
  expect(result.citations[0]).toMatchObject({ document: 'ferry.md', verified: true })
})
