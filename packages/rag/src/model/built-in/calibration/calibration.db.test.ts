import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createCollection, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase } from '@quarry/db/testing'
import type { TenantDb } from '@quarry/db'
import { generateAnswer } from '../../../answer/generate-answer.ts'
import { ingestFile } from '../../../retrieve/testing/ingest-files.ts'
import { createChatModel } from '../../chat-model.ts'
import { CALIBRATION_QUESTIONS } from './questions.ts'

const DOCUMENTS = new URL('documents/', import.meta.url)
/** Of 20 each. A sentence picker without a language model errs now and then; more errors than this are a regression. */
const ENOUGH = 18

let database: TestDatabase
let member: TenantDb

beforeAll(async () => {
  database = await createTestDatabase()
  const tenant = await createTenant(database)
  const collectionId = await createCollection(tenant)
  for (const name of await readdir(DOCUMENTS)) {
    await ingestFile(tenant.as(tenant.system), collectionId, new URL(name, DOCUMENTS).pathname, name)
  }
  member = tenant.as(tenant.member)
})
afterAll(() => database.close())

async function ask(question: string) {
  const scope = { collectionIds: null, documentIds: null }
  const signal = new AbortController().signal
  const model = createChatModel({ kind: 'built-in' })
  return generateAnswer({ model, tenantDb: member, history: [], question, scope, signal, emit: () => {} })
}

test('the built-in model quotes what answers, and says so when nothing does', async () => {
  const wrong: { question: string; got: string }[] = []
  const right = { answerable: 0, unanswerable: 0 }
  for (const { question, answer } of CALIBRATION_QUESTIONS) {
    const { text, citations, abstained, state } = await ask(question)
    expect(state).toBe('complete')
    expect(citations.every((citation) => citation.verified)).toBe(true)
    if (answer === null) {
      if (abstained) right.unanswerable++
      else wrong.push({ question, got: text })
    } else if (!abstained && citations.some((citation) => citation.quote.replace(/\s+/g, ' ').includes(answer)))
      right.answerable++
    else wrong.push({ question, got: text })
  }
  // The list is in the message of a failure: it says what to look at.
  expect({ ...right, wrong }).toSatisfy(() => right.answerable >= ENOUGH && right.unanswerable >= ENOUGH)
})
