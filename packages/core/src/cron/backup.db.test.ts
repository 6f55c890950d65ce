import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAdapters, readLimits } from '@quarry/config'
import { newId } from '@quarry/db'
import { BOTH_DATABASES, createCollection, createTenant, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { createLogger, createMetrics } from '@quarry/observability'
import { openBackup, verifyBackup } from '../transfer/backup-source.ts'
import { appendUpload, completeDocument, createManyDocuments, createWebCore, type WebCore } from '../web.ts'
import { backUpByClock } from './backup.ts'
import { runCron } from './run-cron.ts'

/** Database processes are started; other suites run beside this one. */
const slow = 180_000
const NAME = /^quarry-[-\dT]+Z$/

describe.each(BOTH_DATABASES)('a backup by the clock, on %s', (_name, create) => {
  let db: TestDatabase
  let tenant: TestTenant
  let core: WebCore
  let folder: string
  let dataDir: string
  beforeAll(async () => {
    db = await create()
    tenant = await createTenant(db)
    folder = mkdtempSync(join(tmpdir(), 'quarry-backups-'))
    dataDir = mkdtempSync(join(tmpdir(), 'quarry-data-'))
    const logger = createLogger({ name: 'test', level: 'silent' })
    core = createWebCore({ adapters: adapters(2), limits: readLimits({}), logger })
    const ctx = { deps: core.deps, actor: tenant.owner, requestId: 'test' }
    const text = '# In the backup\n'
    const [file] = await createManyDocuments(ctx, {
      collectionId: await createCollection(tenant),
      files: [{ path: 'one.md', sizeBytes: text.length }],
    })
    if (!file || file.refused) throw new Error('the upload was refused')
    await appendUpload(ctx, { ticket: file.ticket, offset: 0, body: Readable.from([Buffer.from(text)]) })
    await completeDocument(ctx, { ticket: file.ticket })
  }, slow)
  afterAll(async () => {
    await core.close()
    await db.close()
    for (const each of [folder, dataDir]) rmSync(each, { recursive: true })
  }, slow)

  const adapters = (keep: number) => ({
    ...readAdapters({ QUARRY_DATA: dataDir }),
    // A worker connects as `login`, which is all that it needs for this.
    database: db.adapter.kind === 'postgres' ? { ...db.adapter, ownerUrl: null } : db.adapter,
    backup: { folder, keep },
  })
  const deps = (keep = 2) => ({ ...core.deps, adapters: adapters(keep), model: '', backfill: async () => 0 })
  const never = new AbortController().signal
  const names = () => readdirSync(folder).toSorted()

  test('has everything, while others write, and can be read again', { timeout: slow }, async () => {
    let stopped = false
    let slowest = 0
    const writing = (async () => {
      while (!stopped) {
        const started = performance.now()
        await createCollection(tenant, { name: newId() })
        slowest = Math.max(slowest, performance.now() - started)
      }
    })()
    const counts = await backUpByClock(deps(), never)
    stopped = true
    await writing
    expect(counts).toMatchObject({ files: 1, missing: 0, damaged: 0, deleted: 0 })
    expect(names()).toEqual([expect.stringMatching(NAME)])
    const backup = join(folder, names()[0] ?? '')
    await verifyBackup(backup, { step: () => undefined, note: () => undefined }, never)
    const { manifest } = await openBackup(backup)
    expect(manifest.organisations).toEqual([tenant.orgId])
    // Nobody was told to come back later: a transaction may take 4.5 s.
    expect(slowest).toBeLessThan(4_500)
  })

  test('deletes the oldest when the new one is complete, and what a dead worker left', { timeout: slow }, async () => {
    mkdirSync(join(folder, 'quarry-2020-01-01T00-00-00Z'))
    mkdirSync(join(folder, 'quarry-2020-01-02T00-00-00Z.unfinished-1'))
    mkdirSync(join(folder, 'somebody else'))
    expect(await backUpByClock(deps(2), never)).toMatchObject({ deleted: 1 })
    expect(names().filter((name) => NAME.test(name))).toHaveLength(2)
    expect(names().filter((name) => !NAME.test(name))).toEqual(['somebody else'])
  })

  test('that fails is seen, and takes no old one away', { timeout: slow }, async () => {
    const before = names()
    const metrics = createMetrics()
    const blocked = join(folder, 'a file')
    writeFileSync(blocked, '')
    const run = (more: object) =>
      runCron({ ...deps(1), ...more, metrics }, { name: 'backup', runId: null, tick: null, worker: 'test' }, never)
    expect(await run({ adapters: { ...adapters(1), backup: { folder: blocked, keep: 1 } } })).toBe('failed')
    expect(await run({ adapters: { ...adapters(1), backup: null } })).toBe('failed')
    rmSync(blocked)
    expect(names()).toEqual(before)
    const rows = await db.owner.unsafe<{ state: string; text: string }[]>(
      `select state, error_message as text from cron_run where name = 'backup' order by created_at, id`,
    )
    expect(rows.map(({ state }) => state)).toEqual(['failed', 'failed'])
    expect(rows[0]?.text).toMatch(/EEXIST|ENOTDIR/)
    expect(rows[1]?.text).toContain('set BACKUP_FOLDER')
    expect(await metrics.registry.metrics()).toContain('quarry_cron_failures_total{name="backup"} 2')
  })
})
