import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startS3Server, type S3Server } from '@quarry/blobs/testing'
import type { DatabaseAdapter } from '@quarry/config'
import type { TransferJson } from '@quarry/contracts'
import { TransferRefusal } from '@quarry/core/transfer'
import { emitSignal } from '@quarry/db'
import { findLeaks, installProbe, planProbes } from '@quarry/db/security'
import { startEmbedded } from '@quarry/db/embedded'
import { migrate } from '@quarry/db/migrate'
import { createTestDatabase, superuserOfEmbedded, type TestDatabase } from '@quarry/db/testing'
import type { TransferCommand } from './commands.ts'
import { ask, openCore, seedInstallation, type SeededInstallation } from './testing/seeded-installation.ts'
import { runTransferCommand, startTransfer } from './testing/transfer-command.ts'

/** Each of them starts a database process; other suites run beside this one. */
const TIMEOUT_MS = 300_000
const slow = { timeout: TIMEOUT_MS }

let source: SeededInstallation
let before: TransferJson
let s3: S3Server
let folder: string
beforeAll(async () => {
  s3 = await startS3Server()
  folder = mkdtempSync(join(tmpdir(), 'quarry-transfer-'))
  source = await seedInstallation()
  before = await countSource()
}, TIMEOUT_MS)
afterAll(async () => {
  await source.database.close()
  await s3.close()
  rmSync(folder, { recursive: true })
})

const env = () => ({ QUARRY_DATA: source.dataDir, ...s3Keys() })
const s3Keys = () => {
  const { BLOB_URL: _url, ...keys } = s3.env
  return keys
}
const countSource = () => runTransferCommand(['backup', '--dry-run'], env())
const newTarget = async () => {
  const target = await createTestDatabase()
  onTestFinished(() => target.close())
  return target
}
const addressOf = ({ adapter }: TestDatabase) => {
  if (adapter.kind !== 'postgres' || adapter.ownerUrl === null) throw new Error('needs PostgreSQL')
  return { to: adapter.url, owner: adapter.ownerUrl }
}
type Command = readonly [TransferCommand, ...string[]]
const moveArgs = (target: TestDatabase, more: readonly string[] = []): Command => {
  const { to, owner } = addressOf(target)
  return ['move', '--to', to, '--owner-url', owner, '--blobs', s3.env['BLOB_URL'] ?? '', ...more]
}
const failureOf = async (args: Command, environment: Readonly<Record<string, string>> = env()): Promise<string> => {
  const ended = runTransferCommand(args, environment)
  await expect(ended).rejects.toBeInstanceOf(TransferRefusal)
  return ended.then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  )
}
const citationsAt = async (database: DatabaseAdapter, environment: Readonly<Record<string, string>>) => {
  const core = openCore(database, environment)
  try {
    return {
      cited: await ask(core, source.scene.a.tenant.owner),
      key: (await core.credentials.key(source.secret))?.actor,
    }
  } finally {
    await core.close()
  }
}
const expectSameAnswer = async (database: DatabaseAdapter, environment: Readonly<Record<string, string>>) => {
  expect(source.citations.length).toBeGreaterThan(0)
  const { cited, key } = await citationsAt(database, environment)
  expect(cited).toEqual(source.citations)
  expect(key).toMatchObject({ kind: 'api_key', orgId: source.scene.a.tenant.orgId, role: 'member' })
}
/** Waits until the copy has written so many tables, and kills it. */
const killAt = async (target: TestDatabase, args: readonly string[], tables: number) => {
  const running = startTransfer(args, env())
  const written = async () => {
    const rows = await target.owner.unsafe(`select 1 from quarry_transfer.progress`).catch(() => [])
    return rows.length >= tables
  }
  await vi.waitUntil(written, { timeout: 60_000, interval: 3 })
  running.kill()
  expect((await running.ended).code).toBeNull()
}

test('the seeded installation has several organisations, tables and files, or nothing below proves anything', () => {
  expect(before.organisations).toBe(2)
  expect(new Set(before.tables.map(({ table }) => table)).size).toBeGreaterThan(20)
  expect(before.blobs.count).toBeGreaterThan(3)
})

describe('a move', () => {
  test('killed twice and gone on with ends with the same rows, files, answers and walls', slow, async () => {
    const target = await newTarget()
    await killAt(target, moveArgs(target), 3)
    // What was to be moved is as it was, and could be started again.
    expect((await countSource()).tables).toEqual(before.tables)
    expect(await failureOf(moveArgs(target))).toContain('--resume')
    await expect(migrate(target.adapter)).rejects.toThrow('has not ended')
    await killAt(target, moveArgs(target, ['--resume']), 20)

    const moved = await runTransferCommand(moveArgs(target, ['--resume']), env())
    expect(moved.resumed).toBe(true)
    expect(moved.tables).toEqual(before.tables)
    expect(moved.blobs).toMatchObject({ count: before.blobs.count, missing: [], damaged: [] })
    expect(moved.next.join('\n')).toContain('AUTH_SECRET=')
    expect(moved.next.join('\n')).not.toContain(new URL(addressOf(target).to).password)

    const leftovers = await target.owner.unsafe(`select 1 from pg_namespace where nspname = 'quarry_transfer'`)
    expect(leftovers).toHaveLength(0)
    await installProbe(target.owner)
    // Signals stay behind; the probes want a row in every table.
    for (const { tenant, open } of [source.scene.a, source.scene.b])
      await target.database.tenant(tenant.owner).tx((tx) => emitSignal(tx, 'collection', open))
    expect(await findLeaks(await planProbes(target, source.scene))).toEqual([])
    await expectSameAnswer(target.adapter, { QUARRY_DATA: folder, ...s3.env })
    const states = await target.owner.unsafe(`select state from job_run where worker = 'gone'`)
    expect(states.map((row) => row['state'])).toEqual(['failed', 'failed'])
    expect(await failureOf(moveArgs(target))).toContain('has accounts in it already')
  })

  test(
    'whose source has changed since the interruption starts over; what was to be read is read there',
    slow,
    async () => {
      const target = await newTarget()
      await killAt(target, moveArgs(target), 12)
      const { tenant } = source.scene.b
      const running = await startEmbedded(source.dataDir)
      const owner = superuserOfEmbedded(running.adapter)
      await owner`update document_version set state = 'uploaded' where blob_key is not null and org_id = ${tenant.orgId}`
      await owner.end()
      await running.stop()
      before = await countSource()
      const moved = await runTransferCommand(moveArgs(target, ['--resume']), env())
      expect(moved.tables).toEqual(before.tables)
      const jobs = await target.owner.unsafe<{ kind: string; org: string }[]>(
        `select kind, org_id::text as org from job_run where state in ('waiting', 'queued')`,
      )
      const toRead = jobs.filter(({ kind }) => kind === 'document.process')
      expect(toRead.map(({ org }) => org)).toEqual([tenant.orgId, tenant.orgId, tenant.orgId])
      const [undone] = await target.owner.unsafe<{ n: number }[]>(
        `select count(*)::int as n from document_version v
         join document d on d.org_id = v.org_id and d.live_version_id = v.id where v.semantic < 100`,
      )
      expect(jobs.filter(({ kind }) => kind === 'document.embed')).toHaveLength(undone?.n ?? 0)
      expect(moved.requeued).toBe(jobs.length)
    },
  )

  test(
    'refuses a superuser, a folder without a database, a store that it may not write, and nobody at the address',
    slow,
    async () => {
      const target = await newTarget()
      const { owner } = addressOf(target)
      expect(await failureOf(['move', '--to', owner])).toContain('superuser')
      expect(await failureOf(['move', '--to', 'postgres://login@127.0.0.1:9/x'])).toContain('ECONNREFUSED')
      expect(await failureOf(moveArgs(target), { ...env(), QUARRY_DATA: join(folder, 'nothing') })).toContain(
        'no database in',
      )
      expect(await failureOf(moveArgs(target), { ...env(), S3_SECRET_ACCESS_KEY: 'wrong' })).toContain(
        'SignatureDoesNotMatch',
      )
    },
  )
})

describe('a backup', () => {
  const whole = () => join(folder, 'whole')

  test(
    'as a folder is restored with the same rows, files, answers and secret; nobody else can read it',
    slow,
    async () => {
      writeFileSync(join(source.dataDir, 'auth-secret'), 'a secret of thirty-two characters', { mode: 0o600 })
      const written = await runTransferCommand(['backup', '--to', whole()], env())
      expect(written.tables).toEqual(before.tables)
      const modes = readdirSync(whole(), { recursive: true, withFileTypes: true }).map(
        (entry) => statSync(join(entry.parentPath, entry.name)).mode & 0o077,
      )
      expect(modes.filter((mode) => mode !== 0)).toEqual([])
      expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([])
      expect(await failureOf(['backup', '--to', whole()])).toContain('is there already')

      const into = { QUARRY_DATA: join(folder, 'restored') }
      const restored = await runTransferCommand(['restore', '--from', whole()], into)
      expect(restored.tables).toEqual(before.tables)
      expect(restored.blobs).toEqual(written.blobs)
      expect(readFileSync(join(into.QUARRY_DATA, 'auth-secret'), 'utf8')).toContain('thirty-two')
      const running = await startEmbedded(into.QUARRY_DATA)
      onTestFinished(() => running.stop())
      await expectSameAnswer(running.adapter, into)
    },
  )

  test('as one file is the same', slow, async () => {
    const to = join(folder, 'one.tar')
    await runTransferCommand(['backup', '--to', to], env())
    expect(statSync(to).mode & 0o077).toBe(0)
    const checked = await runTransferCommand(['restore', '--from', to, '--dry-run'], {
      QUARRY_DATA: join(folder, 'new'),
    })
    expect(checked.tables).toEqual(before.tables)
    expect(readdirSync(folder).filter((name) => name.startsWith('new'))).toEqual([])
  })

  test('that was damaged, or is of another version, is refused before anything is written', slow, async () => {
    const to = whole()
    const into = { QUARRY_DATA: join(folder, 'not restored') }
    const manifest = join(to, 'manifest.json')
    const text = readFileSync(manifest, 'utf8')
    const blob = readdirSync(join(to, 'blobs'), { recursive: true, withFileTypes: true }).find((entry) =>
      entry.isFile(),
    )!
    const rows = readdirSync(join(to, 'rows'), { recursive: true, withFileTypes: true }).find((entry) =>
      entry.isFile(),
    )!
    for (const [path, change, message] of [
      [join(blob.parentPath, blob.name), () => 'other bytes', /damaged: blobs/],
      [join(rows.parentPath, rows.name), () => '', /damaged: rows/],
      [manifest, () => text.replace('"format": 1', '"format": 2'), /newer version/],
      [manifest, () => text.replace(/"migrations": \[/, '"migrations": ["of the future",'), /newer version/],
      [manifest, () => text.slice(0, 500), /manifest.json of the backup is damaged/],
    ] as const) {
      const original = readFileSync(path)
      writeFileSync(path, change())
      expect(await failureOf(['restore', '--from', to], into)).toMatch(message)
      writeFileSync(path, original)
    }
    expect(() => statSync(into.QUARRY_DATA)).toThrow('ENOENT')
    const checked = await runTransferCommand(['restore', '--from', to, '--dry-run'], into)
    expect(checked.tables).toEqual(before.tables)
  })

  test('on PostgreSQL is of one moment, while others write', slow, async () => {
    const target = await newTarget()
    await runTransferCommand(moveArgs(target), env())
    const { to: DATABASE_URL, owner: DATABASE_OWNER_URL } = addressOf(target)
    const running = { QUARRY_DATA: folder, DATABASE_URL, DATABASE_OWNER_URL, AUTH_SECRET: 'x'.repeat(32), ...s3.env }
    let stopped = false
    let written = 0
    const { tenant, open } = source.scene.a
    const core = openCore(target.adapter, running)
    const write = async () => {
      while (!stopped) {
        await target.database.tenant(tenant.owner).tx((tx) =>
          tx.execute(`with d as (insert into document (org_id, id, collection_id, source_path, title)
            values ('${tenant.orgId}', gen_random_uuid(), '${open}', gen_random_uuid()::text, 'new') returning id)
            insert into audit_event (org_id, id, actor_kind, action, subject_kind, subject_id)
            select '${tenant.orgId}', gen_random_uuid(), 'system', 'document.upload', 'document', id::text from d`),
        )
        written += 1
      }
    }
    const writing = write()
    await vi.waitUntil(() => written > 5, { timeout: 10_000 })
    const to = join(folder, 'while it runs')
    const backup = await runTransferCommand(['backup', '--to', to], running)
    const atEnd = written
    await vi.waitUntil(() => written > atEnd + 5, { timeout: 10_000 })
    stopped = true
    await writing
    await core.close()
    const into = { QUARRY_DATA: join(folder, 'of one moment') }
    const restored = await runTransferCommand(['restore', '--from', to, '--dry-run'], into)
    expect(restored.tables).toEqual(backup.tables)
    // Both rows of each transaction are in it, or none.
    const more = (table: string) =>
      backup.tables.filter((one) => one.table === table).reduce((sum, { rows }) => sum + rows, 0) -
      before.tables.filter((one) => one.table === table).reduce((sum, { rows }) => sum + rows, 0)
    expect(more('public.document')).toBeGreaterThan(5)
    expect(more('public.audit_event')).toBe(more('public.document'))
    expect(await failureOf(['restore', '--from', to], running)).toContain('has accounts in it already')
  })
})
