import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { blobKeyOf, type BlobKey } from '@quarry/blobs'
import { startS3Server } from '@quarry/blobs/testing'
import { readAdapters, readLimits } from '@quarry/config'
import { versionId } from '@quarry/contracts'
import { newId } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import {
  appendUpload,
  completeDocument,
  createManyDocuments,
  createWebCore,
  type VerbContext,
  type WebCore,
} from '../web.ts'
import { sweepOrphanedBlobs } from './orphaned-blobs.ts'

const NOW = sweepOrphanedBlobs(0)
const DIE = fileURLToPath(new URL('./testing/finish-and-die.ts', import.meta.url))
/** Twenty times what an upload takes that does not wait. */
const WAITS_MS = 1_500
/** Others load the machine. */
const slow = 120_000

describe.each(['file', 's3'] as const)('bytes that nobody refers to, in a store of kind %s', (kind) => {
  let db: TestDatabase
  let tenant: TestTenant
  let core: WebCore
  let folder: string
  let env: Record<string, string>
  const closers: (() => unknown)[] = []
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-orphans-'))
    db = await createTestDatabase()
    tenant = await createTenant(db)
    env = { QUARRY_DATA: folder }
    if (kind === 's3') {
      const s3 = await startS3Server()
      closers.push(() => s3.close())
      env = { ...env, ...s3.env }
    }
    core = createWebCore({
      adapters: { ...readAdapters(env), database: db.adapter },
      limits: readLimits({}),
      logger: createLogger({ name: 'test', level: 'silent' }),
    })
  }, slow)
  afterAll(async () => {
    await core.close()
    await db.close()
    for (const close of closers) await close()
    rmSync(folder, { recursive: true })
  })

  const ctx = (): VerbContext => ({ deps: core.deps, actor: tenant.owner, requestId: 'test' })
  const keyOf = (text: string) => blobKeyOf(tenant.orgId, createHash('sha256').update(text).digest('hex'))
  const isThere = async (text: string) => (await core.deps.blobs.read(keyOf(text), { start: 0, end: 0 })) !== null
  const sweep = (task = NOW) => task({ ...core.deps, model: '', backfill: async () => 0 }, new AbortController().signal)
  const open = async (text: string) => {
    const collectionId = await createCollection(tenant)
    const [file] = await createManyDocuments(ctx(), {
      collectionId,
      files: [{ path: `${newId()}.md`, sizeBytes: text.length }],
    })
    if (!file || file.refused) throw new Error('the upload was refused')
    return file.ticket
  }
  const send = async (text: string) => {
    const ticket = await open(text)
    await appendUpload(ctx(), { ticket, offset: 0, body: Readable.from([Buffer.from(text)]) })
    return ticket
  }
  const crash = async (ticket: string, text: string) => {
    const child = spawn(process.execPath, [DIE, tenant.orgId, ticket, text], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    expect((await once(child, 'exit'))[1]).toBe('SIGKILL')
  }

  test('go, those of documents stay, and a young one stays until it is a day old', { timeout: slow }, async () => {
    await completeDocument(ctx(), { ticket: await send('# used\n') })
    await crash(newId(), '# nobody has a ticket for this\n')
    expect(await sweep(sweepOrphanedBlobs())).toEqual({ seen: 0, deleted: 0 })
    expect(await sweep()).toEqual({ seen: 2, deleted: 1 })
    expect([await isThere('# used\n'), await isThere('# nobody has a ticket for this\n')]).toEqual([true, false])
    expect(await db.owner.unsafe(`select 1 from process_lease where name like 'blob:%'`)).toHaveLength(0)
  })

  test('of an upload whose server died are put back when it is completed after all', { timeout: slow }, async () => {
    const text = '# a crash in the middle\n'
    const ticket = await open(text)
    await crash(ticket, text)
    expect(await isThere(text)).toBe(true)
    expect((await sweep())['deleted']).toBe(1)
    const { outcome } = await completeDocument(ctx(), { ticket: versionId.parse(ticket) })
    expect([outcome, await isThere(text)]).toEqual(['accepted', true])
  })

  test('are never those that an upload comes to refer to at that moment', { timeout: slow }, async () => {
    const text = '# the same bytes again\n'
    await crash(newId(), text)
    const { blobs } = core.deps
    const reached = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const paused = {
      ...core.deps,
      ...{ model: '', backfill: async () => 0 },
      blobs: {
        ...blobs,
        delete: async (key: BlobKey) => {
          reached.resolve()
          await release.promise
          await blobs.delete(key)
        },
      },
    }
    const sweeping = NOW(paused, new AbortController().signal)
    await reached.promise
    // The sweep has made up its mind. The upload waits for it, and puts the bytes back.
    const completing = completeDocument(ctx(), { ticket: await send(text) })
    const first = await Promise.race([completing.then(() => 'done'), delay(WAITS_MS, 'waits')])
    release.resolve()
    expect(await sweeping).toMatchObject({ deleted: 1 })
    expect([first, (await completing).outcome, await isThere(text)]).toEqual(['waits', 'accepted', true])
  })

  test('are not deleted under a mark that is too old by then', { timeout: slow }, async () => {
    const texts = ['# the first of two\n', '# the second of two\n'] as const
    for (const text of texts) await crash(newId(), text)
    const { blobs } = core.deps
    let [late, uploaded] = [0, '']
    const frozen = {
      ...core.deps,
      ...{ model: '', backfill: async () => 0 },
      blobs: {
        ...blobs,
        delete: async (key: BlobKey) => {
          await blobs.delete(key)
          if (uploaded !== '') return
          // Six minutes pass; the marks count no more, and somebody uploads the other bytes.
          late = 360_000
          await db.owner.unsafe(`update process_lease set seen_at = seen_at - interval '6 minutes'`)
          uploaded = texts.find((text) => keyOf(text) !== key) ?? ''
          expect((await completeDocument(ctx(), { ticket: await send(uploaded) })).outcome).toBe('accepted')
        },
      },
    }
    const task = sweepOrphanedBlobs(0, () => Date.now() + late)
    expect(await task(frozen, new AbortController().signal)).toMatchObject({ deleted: 1 })
    expect(await isThere(uploaded)).toBe(true)
    expect(await db.owner.unsafe(`select 1 from process_lease where name like 'blob:%'`)).toHaveLength(0)
  })
})
