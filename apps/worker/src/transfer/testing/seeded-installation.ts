import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { readAdapters, readLimits, type Adapters, type DatabaseAdapter, type Environment } from '@quarry/config'
import type { Actor, CollectionId } from '@quarry/contracts'
import {
  appendUpload,
  completeDocument,
  createKey,
  createManyDocuments,
  createWebCore,
  getConversation,
  sendMessage,
  type VerbContext,
  type WebCore,
} from '@quarry/core/web'
import { createWorkerCore } from '@quarry/core/worker'
import { createScene, type Scene } from '@quarry/db/security'
import { createEmbeddedTestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { vi } from 'vitest'

const limits = readLimits({})
const logger = createLogger({ name: 'test', level: 'silent' })

export type EmbeddedTestDatabase = Awaited<ReturnType<typeof createEmbeddedTestDatabase>>

export interface SeededInstallation {
  readonly database: EmbeddedTestDatabase
  readonly dataDir: string
  readonly scene: Scene
  /** Of an API key of the first organisation. */
  readonly secret: string
  /** What the first organisation's owner is told in answer to QUESTION. */
  readonly citations: readonly string[]
}

export const QUESTION = 'How many days of parental leave do we give?'

const HANDBOOK = (days: number) => `# Handbook

## Parental leave

We give ${days} days of parental leave to every parent, in the first two years after the birth. 育児休暇 🍼

## Bicycles

A bicycle is leased for thirty-six months.
`

/** Values that a copy through numbers, dates or plain JSON would change. */
const AWKWARD = `
  update document_page set width = 0.1::float8 + 0.2::float8, height = 1e-300, boxes = '[[1, 1.10, 123456789012345678901234567890]]';
  update chunk set heading_path = array['a "quoted" one', 'with \\ and , and {}', '', 'NULL', E'line\\nbreak', '石🍼'] where ordinal = 1;
  update run set usage = 'null'::jsonb, timings = '{"ms": 1.0000000000000000001, "b": [null, "\\u00e9"]}';
  update message set created_at = '2026-03-29 01:59:59.123456+00', text = E'tab\\t and \\u2028 and \\'quotes\\'';
  update chunk_embedding set embedding = '[0.1,-0.000061035156,65504]';
  insert into auth.session (id, token, user_id, expires_at) select gen_random_uuid(), gen_random_uuid()::text, id, now() + interval '1 day' from auth."user";
  insert into job_run (org_id, id, job_id, kind, state, attempt, worker) select id, gen_random_uuid(), '7', 'test', 'running', 1, 'gone' from auth.organization;
  insert into worker_heartbeat (pool_id, host) values ('gone', 'here');
  insert into feature_flag (name, subject_id, enabled, updated_by) select 'search.semantic', id, true, E'O''Hara\t' from auth.organization;
  insert into organisation_limit (subject_id, per_hour) select id, 4321 from auth.organization`

/**
 * An embedded installation with two organisations that have rows in every table, files of several versions that were
 * really read, a conversation, and a key. Its database is stopped.
 */
export const seedInstallation = async (): Promise<SeededInstallation> => {
  const database = await createEmbeddedTestDatabase()
  const dataDir = dirname(database.process.adapter.socketDir)
  const scene = await createScene(database)
  await database.owner.unsafe(AWKWARD)
  const core = openCore(database.adapter, { QUARRY_DATA: dataDir })
  try {
    for (const { tenant, open, restricted } of [scene.a, scene.b]) {
      const ctx = contextOf(core, tenant.owner)
      await upload(ctx, open, 'handbook.md', HANDBOOK(90))
      await upload(ctx, open, 'handbook.md', HANDBOOK(120))
      await upload(ctx, restricted, 'secret.md', `# Secret\n\nOnly for ${tenant.orgId}.\n`)
    }
    const made = await createKey(contextOf(core, scene.a.tenant.owner), {
      name: 'moves',
      role: 'member',
      expiresInDays: null,
    })
    const citations = await ask(core, scene.a.tenant.owner)
    return { database, dataDir, scene, secret: made.secret, citations }
  } finally {
    await core.close()
    await database.owner.end()
    await database.process.stop()
  }
}

export const openCore = (database: DatabaseAdapter, env: Environment): WebCore =>
  createWebCore({ adapters: adaptersOf(database, env), limits, logger })

const adaptersOf = (database: DatabaseAdapter, env: Environment): Adapters => ({ ...readAdapters(env), database })

export const contextOf = (core: WebCore, actor: Actor): VerbContext => ({
  deps: core.deps,
  actor,
  requestId: randomUUID(),
})

const upload = async (ctx: VerbContext, collectionId: CollectionId, path: string, text: string): Promise<void> => {
  const bytes = Buffer.from(text)
  const [file] = await createManyDocuments(ctx, { collectionId, files: [{ path, sizeBytes: bytes.length }] })
  if (!file?.ticket) throw new Error('the upload was refused')
  await appendUpload(ctx, { ticket: file.ticket, offset: 0, body: Readable.from([bytes]) })
  await completeDocument(ctx, { ticket: file.ticket })
  const worker = createWorkerCore({ adapters: ctx.deps.adapters, limits, logger, queueRunners: 0 })
  const { orgId } = ctx.actor
  try {
    const system = { kind: 'system', id: null, orgId, role: 'owner' } as const
    await worker.processDocument(system, file.ticket, AbortSignal.timeout(60_000))
  } finally {
    await worker.close()
  }
}

/** Asks, and returns what the answer cites: the place, and the words. */
export const ask = async (core: WebCore, actor: Actor): Promise<string[]> => {
  const ctx = contextOf(core, actor)
  const { conversationId, messageId } = await sendMessage(ctx, { text: QUESTION, idempotencyKey: randomUUID() })
  const answer = await vi.waitUntil(
    async () => {
      const { messages } = await getConversation(ctx, { id: conversationId, limit: 50 })
      const found = messages.find(({ id }) => id === messageId)
      return found?.state === 'complete' ? found : false
    },
    { timeout: 30_000, interval: 50 },
  )
  return answer.citations.map((one) =>
    [one.versionId, one.ordinal, one.span.start, one.span.end, one.verified, one.quote].join(' '),
  )
}
