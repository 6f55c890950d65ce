import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunEventBody } from '@quarry/contracts'
import { createCollection, createTenant, createTestDatabase } from '@quarry/db/testing'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'
import { createChatModel } from '../../model/chat-model.ts'
import type { LlmDoubleOptions } from '../../model/testing/llm-double/index.ts'
import { ingestFile } from '../../retrieve/testing/ingest-files.ts'
import { generateAnswer } from '../generate-answer.ts'
import type { AnswerRequest } from '../generate-answer.ts'

export const QUESTION = 'When was the lighthouse at Skerry Point lit?'

/** An organisation with one document, and a member who asks about it. */
export interface Lighthouse {
  readonly database: TestDatabase
  readonly tenant: TestTenant
  /** An answer to QUESTION by the built-in model, unless `request` says otherwise, with its events and their text. */
  readonly ask: (
    request?: Partial<AnswerRequest>,
  ) => Promise<{ result: Awaited<ReturnType<typeof generateAnswer>>; events: RunEventBody[]; text: string }>
  readonly close: () => Promise<void>
}

/** `text` is what stands in its document, lighthouse.md. */
export const openLighthouse = async (text: string): Promise<Lighthouse> => {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-answer-'))
  const database = await createTestDatabase()
  const tenant = await createTenant(database)
  const path = join(folder, 'lighthouse.md')
  await writeFile(path, text)
  await ingestFile(tenant.as(tenant.system), await createCollection(tenant), path, 'lighthouse.md')
  return {
    database,
    tenant,
    ask: async (request = {}) => {
      const events: RunEventBody[] = []
      const result = await generateAnswer({
        model: createChatModel({ kind: 'built-in' }),
        tenantDb: tenant.as(tenant.member),
        history: [],
        question: QUESTION,
        scope: { collectionIds: null, documentIds: null },
        signal: new AbortController().signal,
        emit: (event) => {
          events.push(event)
        },
        ...request,
      })
      return { result, events, text: events.map((event) => (event.type === 'text' ? event.delta : '')).join('') }
    },
    close: async () => {
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** One search, then the text. */
export const saying = (text: string): LlmDoubleOptions => ({
  reply: (request) =>
    request.messages.some((message) => message.role === 'tool')
      ? { text }
      : { tool: 'search_documents', input: { query: 'lighthouse lit' } },
})
