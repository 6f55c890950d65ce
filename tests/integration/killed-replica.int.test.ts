import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { readAdapters, readLimits } from '@quarry/config'
import { getConversationOutput, runId as runIdSchema, sendOutput, type SendOutput } from '@quarry/contracts'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { faultsOf, follow, shownBy } from '../../bench/answers/reader.mjs'
import { sweepOrphanedBlobs } from '../../packages/core/src/cron/orphaned-blobs.ts'
import { sweepUploads } from '../../packages/core/src/documents/sweep-uploads.ts'
import { createWebCore } from '../../packages/core/src/web.ts'
import { createLogger } from '../../packages/observability/src/index.ts'
import { startLlmDouble, type LlmDouble } from '../fixtures/llm-double/index.ts'
import { mutate, query, startProduct, startReplica, waitUntil, type Product } from '../fixtures/product/index.ts'
import { completeUpload, offsetOf, openUploads, sendRest, sendSlowly, type Upload } from '../fixtures/upload.ts'

/** Six seconds of an answer: longer than it takes to get everything else under way. */
const WORDS = 160
/** All places for answers: those that the replica writes when it is killed, and one that it has not stored yet. */
const MOST_ANSWERS = 4
const FILE_BYTES = 512 * 1024
const HALF_BYTES = FILE_BYTES / 2
/** An answer of a process that is dead has ended by then. */
const TERMINAL_MS = 30_000
/** Nothing is as that process left it, and every place is free again. */
const ALL_WELL_MS = 60_000
/** What is under way is seen by then, whatever else the machine does. */
const UNDER_WAY_MS = 30_000
/** By then nobody resumes an upload. */
const TWO_DAYS_MS = 48 * 3600_000
/** The start of a product and of a second replica. */
const SETUP_MS = 120_000

const question = (text: string) => ({ text, idempotencyKey: crypto.randomUUID() })
const QUESTIONS = {
  read: question('How is the torque of the mast set?'),
  pinned: question('Who checks the torque of the mast?'),
  unheard: question('When is the torque of the mast checked?'),
  unstored: question('Why is the torque of the mast checked?'),
}

describe('check 29: a replica is killed in the middle of answers, uploads and changes', () => {
  let db: TestDatabase
  let redis: TestRedis
  let model: LlmDouble
  let product: Product
  let killedAt: number
  let read: SendOutput
  let pinned: SendOutput
  let reading: ReturnType<typeof follow>
  let uploads: Record<'resumed' | 'abandoned' | 'completed' | 'forgotten', Upload>

  const survivor = () => ({ url: product.url, apiKey: product.credentials.apiKey })
  const ask = (asked: typeof QUESTIONS.read, url = product.url) =>
    mutate({ ...survivor(), url }, 'chat.send', asked, sendOutput)
  const answerOf = async ({ conversationId, messageId }: SendOutput) => {
    const { messages } = await query(survivor(), 'conversations.get', { id: conversationId }, getConversationOutput)
    return messages.find(({ id }) => id === messageId)
  }
  const ended = (reply: SendOutput, withinMs: number) =>
    waitUntil('the answer has ended', withinMs, async () => {
      const found = await answerOf(reply)
      return found !== undefined && found.state !== 'streaming' && found
    })
  const msLeft = (bound: number) => Math.max(1, killedAt + bound - Date.now())
  const count = async (rows: string, ...values: string[]): Promise<number> =>
    Number((await db.owner.unsafe(`select count(*) as n from ${rows}`, values))[0]?.['n'])
  /** What one question has left. */
  const storedOf = async ({ text, idempotencyKey }: typeof QUESTIONS.read) => ({
    messages: await count(`message where role = 'user' and text = $1`, text),
    runs: await count(`run r join message m on m.org_id = r.org_id and m.id = r.question_id where m.text = $1`, text),
    keys: await count(`idempotency_key where key = $1`, idempotencyKey),
  })
  /** Asked in a transaction, which would be told the same each time. */
  const waiting = (tx: postgres.TransactionSql, many: number) =>
    waitUntil('they wait in the database', UNDER_WAY_MS, async () => {
      await tx`select pg_stat_clear_snapshot()`
      const found = await tx`
        select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
      return found.length >= many
    })
  const filesOf = async (part: 'blobs' | 'uploads') => {
    const folder = join(product.dataFolder, 'blobs', part)
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  }
  const areStored = async (...some: Upload[]) => {
    const stored = await filesOf('blobs')
    return some.map(({ sha256 }) => stored.includes(sha256))
  }

  beforeAll(async () => {
    db = await createTestDatabase()
    redis = await startTestRedis()
    model = await startLlmDouble()
    if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
    const env = {
      ...{ DATABASE_URL: db.adapter.url, DATABASE_OWNER_URL: db.adapter.ownerUrl ?? '', REDIS_URL: redis.adapter.url },
      ...{ WEB_REPLICAS: '2', AUTH_SECRET: 'a secret of the tests, long enough for its purpose' },
      ...{ LLM_BASE_URL: model.baseUrl, LLM_API_KEY: 'x', LLM_MODEL: `mock-itl40-len${WORDS}`, EMBEDDING_MODEL: 'off' },
      ...{ RUN_MAX_PER_USER: String(MOST_ANSWERS) },
    }
    product = await startProduct({ env })
    const victim = await startReplica({ dataFolder: product.dataFolder, env })
    const doomed = { ...survivor(), url: victim.url }
    const [resumed, abandoned, completed, forgotten] = await openUploads(survivor(), 4, FILE_BYTES)
    if (!resumed || !abandoned || !completed || !forgotten) throw new Error('too few uploads')
    uploads = { resumed, abandoned, completed, forgotten }
    for (const one of [completed, forgotten]) await sendRest(doomed, one, 0)
    for (const one of [resumed, abandoned]) sendSlowly(doomed, one, HALF_BYTES)
    for (const one of [resumed, abandoned])
      await waitUntil('half of it has come', UNDER_WAY_MS, async () => (await offsetOf(survivor(), one)) === HALF_BYTES)

    read = await ask(QUESTIONS.read, victim.url)
    let isDead = false
    reading = follow({
      ...{ apiKey: doomed.apiKey, runId: read.runId },
      urlOf: () => (isDead ? product.url : victim.url),
    })
    pinned = await ask(QUESTIONS.pinned, victim.url)
    await pin(pinned)
    const orgId = (await db.owner`select org_id from run where id = ${read.runId}`)[0]?.['org_id']
    // Whoever asked does not hear the answer.
    void ask(QUESTIONS.unheard, victim.url).catch(() => undefined)
    await waitUntil('it is stored', UNDER_WAY_MS, async () => (await storedOf(QUESTIONS.unheard)).runs === 1)
    await db.owner.begin(async (tx) => {
      // Where a question is stored, and where the end of an upload is, somebody else is a moment longer.
      await tx`select pg_advisory_xact_lock(hashtextextended(${`run:${orgId}`}, 0))`
      await tx`select 1 from document where id in ${tx([completed.documentId, forgotten.documentId])} for update`
      void ask(QUESTIONS.unstored, victim.url).catch(() => undefined)
      for (const one of [completed, forgotten]) void completeUpload(doomed, one).catch(() => undefined)
      await waiting(tx, 3)
      await victim.kill()
      killedAt = Date.now()
      isDead = true
    })
  }, SETUP_MS)
  afterAll(async () => {
    await product?.stop()
    await model?.close()
    await redis?.close()
    await db?.close()
  })

  /** Nobody can take this answer over. */
  const pin = ({ runId }: SendOutput) =>
    db.owner.unsafe(`
      create function pinned() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger pinned before update of attempt on run for each row
        when (old.id = '${runIdSchema.parse(runId)}' and new.attempt > old.attempt) execute function pinned()`)

  it('a change that was not committed has left nothing, and is made once when it is asked for again', async () => {
    const nothing = { messages: 0, runs: 0, keys: 0 }
    await waitUntil('the database has noticed', UNDER_WAY_MS, async () => {
      const found = await storedOf(QUESTIONS.unstored)
      return JSON.stringify(found) === JSON.stringify(nothing)
    })
    const [first, second] = await Promise.all([ask(QUESTIONS.unstored), ask(QUESTIONS.unstored)])
    expect(second).toEqual(first)
    expect(await storedOf(QUESTIONS.unstored)).toEqual({ messages: 1, runs: 1, keys: 1 })
  })

  it('a change whose answer was lost is not made again', async () => {
    const reply = await ask(QUESTIONS.unheard)
    expect(await storedOf(QUESTIONS.unheard)).toEqual({ messages: 1, runs: 1, keys: 1 })
    expect((await answerOf(reply))?.state).toBe('streaming')
  })

  it('control: the places of its answers are taken', async () => {
    await expect(ask(question('One more?'))).rejects.toThrow('HTTP 429')
  })

  it('an upload goes on elsewhere from where it was', async () => {
    const { resumed } = uploads
    expect(await offsetOf(survivor(), resumed)).toBe(HALF_BYTES)
    await sendRest(survivor(), resumed, HALF_BYTES)
    expect(await completeUpload(survivor(), resumed)).toMatchObject({ outcome: 'accepted' })
    expect(await areStored(resumed)).toEqual([true])
    expect(await count('document_version where content_hash = $1', resumed.sha256)).toBe(1)
  })

  it('the end of an upload that was not committed is made once when it is asked for again', async () => {
    const { completed } = uploads
    expect(await areStored(completed), 'control: its bytes had their name').toEqual([true])
    expect(await offsetOf(survivor(), completed)).toBe(FILE_BYTES)
    expect(await completeUpload(survivor(), completed)).toMatchObject({ outcome: 'accepted' })
    expect(await count('document_version where content_hash = $1', completed.sha256)).toBe(1)
  })

  it('its reader goes on elsewhere, and misses nothing; the answer is complete in half a minute', async () => {
    const { events, connections } = await reading
    expect(connections, 'control: it was read when the replica died').toBeGreaterThan(1)
    expect(events.some((event) => 'attempt' in event && Number(event.attempt) > 1)).toBe(true)
    const answer = await ended(read, msLeft(TERMINAL_MS))
    expect(answer.state).toBe('complete')
    expect(answer.text).toContain(`word${WORDS}`)
    expect(shownBy(events).text).toBe(answer.text)
    expect(faultsOf(events)).toEqual({ gaps: 0, repeats: 0 })
    for (const asked of [QUESTIONS.unheard, QUESTIONS.unstored])
      expect((await ended(await ask(asked), msLeft(TERMINAL_MS))).state).toBe('complete')
  })

  it('mutation: an answer that nobody takes over is seen to be left', async () => {
    // Those that died with it have ended by now.
    await expect(ended(pinned, 500)).rejects.toThrow('not within')
    await db.owner`drop function pinned cascade`
    expect((await ended(pinned, msLeft(ALL_WELL_MS))).state).toBe('complete')
  })

  it('all is well within a minute: nothing is being written, and all places are free', async () => {
    await waitUntil('nothing is as it was left', msLeft(ALL_WELL_MS), async () => {
      const left = [await count(`run where state = 'running'`), await count(`message where state = 'streaming'`)]
      return left.every((many) => many === 0)
    })
    const all = Array.from({ length: MOST_ANSWERS }, (_, i) => ask(question(`And ${i}?`)))
    expect(await Promise.all(all)).toHaveLength(MOST_ANSWERS)
    expect(Date.now() - killedAt).toBeLessThan(ALL_WELL_MS)
  })

  it('what nobody came back for is no orphan after the sweep', async () => {
    const { resumed, completed, abandoned, forgotten } = uploads
    expect(await areStored(resumed, completed, forgotten), 'control: it is there').toEqual([true, true, true])
    expect(await filesOf('uploads')).toContain(abandoned.ticket)
    const adapters = { ...readAdapters({ QUARRY_DATA: product.dataFolder }), database: db.adapter }
    const logger = createLogger({ name: 'test', level: 'silent' })
    const core = createWebCore({ adapters, limits: readLimits({}), logger })
    try {
      await sweepUploads(core.deps, new Date(Date.now() + TWO_DAYS_MS))
      const deps = { ...core.deps, model: '', backfill: () => Promise.resolve(0) }
      await sweepOrphanedBlobs(-TWO_DAYS_MS)(deps, new AbortController().signal)
    } finally {
      await core.close()
    }
    expect(await filesOf('uploads')).toEqual([])
    expect(await areStored(resumed, completed, forgotten)).toEqual([true, true, false])
    const gone = [abandoned.documentId, forgotten.documentId]
    expect(await count('document where id in ($1, $2)', ...gone)).toBe(0)
    const stored = await filesOf('blobs')
    expect(await count('document_version where content_hash = any($1::text[])', `{${stored.join(',')}}`)).toBe(
      stored.length,
    )
  })
})
