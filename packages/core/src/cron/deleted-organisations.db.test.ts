import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openRedisLink } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { readAdapters, readLimits } from '@quarry/config'
import type { Actor, OrgId } from '@quarry/contracts'
import { emitSignal, newId, readTenantRows, recordAudit, writeFlag, writeLimits } from '@quarry/db'
import { createScene, type Organisation } from '@quarry/db/security'
import { BOTH_DATABASES, hashOfOrganisation, type TestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import {
  appendUpload,
  completeDocument,
  createManyDocuments,
  createWebCore,
  restoreOrganisation,
  type WebCore,
} from '../web.ts'
import { removeDeletedOrganisations } from './deleted-organisations.ts'

/** A database process is started, and workers; other suites run beside this one. */
const slow = 240_000
const DIE = fileURLToPath(new URL('./testing/remove-and-die.ts', import.meta.url))
const never = new AbortController().signal

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis.close())

describe.each(BOTH_DATABASES)('check 20: a deleted organisation on %s', (name, create) => {
  let db: TestDatabase
  let core: WebCore
  let folder: string
  let doomed: Organisation
  let other: Organisation
  const env = () => ({
    QUARRY_DATA: folder,
    ...(db.adapter.kind === 'postgres' ? { DATABASE_URL: db.adapter.url, REDIS_URL: redis.adapter.url } : {}),
  })
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-deletion-'))
    db = await create()
    core = createWebCore({
      adapters: { ...readAdapters(env()), database: db.adapter },
      limits: readLimits({}),
      logger: createLogger({ name: 'test', level: 'silent' }),
    })
  }, slow)
  afterAll(async () => {
    await core.close()
    await db.close()
    rmSync(folder, { recursive: true })
  }, slow)
  beforeEach(async () => {
    const { a, b, goneId } = await createScene(db)
    // The scene's own is nobody's here.
    await db.owner`delete from organisation_deletion where subject_id = ${goneId}`
    await db.owner`delete from audit_event where org_id = ${goneId}`
    ;[doomed, other] = [a, b]
    for (const one of [a, b]) await fill(one)
  }, slow)

  const deps = () => ({ ...core.deps, model: '', backfill: async () => 0 })
  const remove = (signal = never, changed: object = {}) => removeDeletedOrganisations({ ...deps(), ...changed }, signal)

  /** What no table of the scene has: bytes, jobs in the line, keys, and what is of an organisation in no column of its id. */
  const fill = async ({ tenant, open }: Organisation): Promise<void> => {
    const { orgId, owner } = tenant
    const ctx = { deps: core.deps, actor: owner, requestId: 'test' }
    for (const text of ['# complete\n', '# half\n']) {
      const [file] = await createManyDocuments(ctx, {
        collectionId: open,
        files: [{ path: `${newId()}.md`, sizeBytes: text.length }],
      })
      if (!file || file.refused) throw new Error('the upload was refused')
      const body = Readable.from([Buffer.from(text.slice(0, text.includes('half') ? 3 : undefined))])
      await appendUpload(ctx, { ticket: file.ticket, offset: 0, body })
      if (text.includes('complete')) await completeDocument(ctx, { ticket: file.ticket })
    }
    await db.database.system(async (tx) => {
      await writeFlag(tx, { name: 'chat.answers', orgId, enabled: true, percentage: 100 })
      await writeLimits(tx, { orgId, perMinute: 7 })
    })
    await db.owner.unsafe(`insert into process_lease (name, holder, host) values ('blob:${orgId}/aa/bb', 'sweep', '')`)
    await db.owner.unsafe(
      `insert into auth.session (user_id, token, active_organization_id, expires_at) values ($1, $2, $3, now() + interval '1 hour')`,
      [owner.id, newId(), orgId],
    )
    await db.owner.unsafe(
      `insert into auth.invitation (organization_id, email, role, inviter_id, expires_at) values ($1, 'x@quarry.test', 'viewer', $2, now())`,
      [orgId, owner.id],
    )
    for (const key of [`o:${orgId}:cache:x`, `o:${orgId}:limit:organisation`, `version:${orgId}:index`])
      await core.deps.redis?.run((client) => client.set(key, 'x'))
  }

  /** Rows in which the id stands anywhere, in every table that there is; those of the tombstone are the operator's. */
  const mentions = async (orgId: OrgId): Promise<Record<string, number>> => {
    const tables = await db.owner.unsafe<{ name: string }[]>(
      `select n.nspname || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'auth', 'graphile_worker') and c.relkind in ('r', 'p') and not c.relispartition
         and c.relname <> 'organisation_deletion'`,
    )
    const counts = await db.owner.unsafe<{ name: string; n: number }[]>(
      tables
        .map(({ name }) => `select '${name}' as name, count(*)::int as n from ${name} t where t::text like $1`)
        .join(' union all '),
      [`%${orgId}%`],
    )
    return Object.fromEntries(counts.filter(({ n }) => n > 0).map(({ name, n }) => [name, n]))
  }
  const filesOf = (orgId: OrgId): string[] =>
    ['blobs', 'uploads'].flatMap((part) =>
      readdirSync(join(folder, 'blobs', part), { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() && entry.parentPath.includes(orgId) ? [entry.name] : [],
      ),
    )
  const keysOf = async (orgId: OrgId): Promise<number> => {
    if (db.adapter.kind !== 'postgres') return 0
    const link = openRedisLink(redis.adapter, { commandDeadlineMs: 10_000 })
    try {
      return (await link.run((client) => client.keys(`*${orgId}*`))).length
    } finally {
      await link.close()
    }
  }
  const allOf = async ({ tenant: { orgId } }: Organisation) => ({
    rows: await mentions(orgId),
    files: filesOf(orgId).length,
    keys: await keysOf(orgId),
  })
  const GONE = { rows: {}, files: 0, keys: 0 }
  const close = (orgId: OrgId, deleteAt: string) =>
    db.owner.unsafe(
      `update auth.organization set closed_at = now() - interval '13 hours', delete_at = now() + $2::interval where id = $1`,
      [orgId, deleteAt],
    )
  const tombstone = async (orgId: OrgId) =>
    (await db.owner.unsafe('select * from organisation_deletion where subject_id = $1', [orgId]))[0]

  test('control: the scene has rows in every table with an organisation, bytes, vectors, jobs and keys', async () => {
    for (const one of [doomed, other]) {
      const { rows, files, keys } = await allOf(one)
      for (const table of await readTenantRows(db.database))
        expect(rows, table.name).toHaveProperty(`public.${table.name}`)
      for (const table of [
        'auth.organization',
        'auth.member',
        'auth.invitation',
        'auth.apikey',
        'auth.session',
        'public.cache_version',
        'public.feature_flag',
        'public.organisation_limit',
        'public.process_lease',
        'graphile_worker._private_jobs',
      ])
        expect(rows, table).toHaveProperty(table)
      expect(files).toBeGreaterThanOrEqual(2)
      expect(keys).toBe(db.adapter.kind === 'postgres' ? 3 : 0)
    }
  })

  test('is nowhere in any table, store or queue; another one has all that it had; ids, times and counts stay', async () => {
    const { orgId } = doomed.tenant
    const before = { hash: await hashOfOrganisation(db, other.tenant.orgId), ...(await allOf(other)) }
    await close(orgId, '-1 second')
    const counts = await remove()
    expect(await allOf(doomed)).toEqual(GONE)
    expect({ hash: await hashOfOrganisation(db, other.tenant.orgId), ...(await allOf(other)) }).toEqual(before)
    expect(counts).toMatchObject({ organisations: 1, jobs: 1, keys: db.adapter.kind === 'postgres' ? 3 : 0 })
    expect(counts['rows']).toBeGreaterThan(50)
    const { organisations: _, cancelled: __, ...went } = counts
    expect(await tombstone(orgId)).toMatchObject({ counts: went, finished_at: expect.any(Date) as Date })
    expect(Object.keys((await tombstone(orgId)) ?? {}).toSorted()).toEqual([
      'began_at',
      'closed_at',
      'counts',
      'finished_at',
      'looked_at',
      'subject_id',
    ])
    // People stay: they may be members elsewhere.
    expect(await db.owner.unsafe(`select 1 from auth."user" where id = $1`, [doomed.tenant.owner.id])).toHaveLength(1)
    expect(Object.values(await remove()).every((n) => n === 0)).toBe(true)
  })

  test('is whole as long as it can be opened again, but for its jobs, which end', async () => {
    const { orgId } = doomed.tenant
    await close(orgId, '1 hour')
    const before = await allOf(doomed)
    expect(await remove()).toMatchObject({ organisations: 0, rows: 0, cancelled: 1 })
    const after = await allOf(doomed)
    expect(after.files).toBe(before.files)
    expect(Object.keys(before.rows).filter((table) => !(table in after.rows))).toEqual([
      'graphile_worker._private_jobs',
    ])
    const states = await db.owner.unsafe(`select state from job_run where org_id = $1 and kind = 'document.process'`, [
      orgId,
    ])
    expect(states).toEqual([{ state: 'cancelled' }])
    expect(await tombstone(orgId)).toBeUndefined()

    // Opened again, what was in the line is in it again.
    const { owner } = doomed.tenant
    if (owner.kind !== 'user') throw new TypeError('no person')
    const person = { userId: owner.id, sessionId: newId() }
    await restoreOrganisation({ deps: core.deps, person, requestId: 'test' }, { id: orgId })
    const again = await db.owner.unsafe(
      `select j.state, v.state as version from job_run j join document_version v on v.id = j.subject_id
       where j.org_id = $1 and j.kind = 'document.process'`,
      [orgId],
    )
    expect(again).toEqual([{ state: 'queued', version: 'uploaded' }])
    expect(await remove()).toMatchObject({ cancelled: 0 })
  })

  // The embedded database has one session, which a worker that is killed in it would leave to nobody here.
  test.each(name.includes('PostgreSQL') ? ['whenever its worker is killed'] : [])(
    'is gone in the end, %s',
    async () => {
      const { orgId } = doomed.tenant
      const untouched = await hashOfOrganisation(db, other.tenant.orgId)
      await close(orgId, '-1 second')
      for (const most of [1, 4, 9, 15, 22]) {
        const child = spawn(process.execPath, [DIE, String(most)], {
          env: { ...process.env, ...env(), REDIS_URL: '' },
          stdio: ['ignore', 'ignore', 'inherit'],
        })
        expect((await once(child, 'exit'))[1]).toBe('SIGKILL')
        expect((await tombstone(orgId))?.['finished_at']).toBeNull()
      }
      await remove()
      expect(await allOf(doomed)).toEqual(GONE)
      expect(await hashOfOrganisation(db, other.tenant.orgId)).toBe(untouched)
    },
    slow,
  )

  test('is gone in the end where the store, or the worker, was stopped in the middle; others are not kept waiting', async () => {
    await close(doomed.tenant.orgId, '-2 seconds')
    await close(other.tenant.orgId, '-1 second')
    const broken = {
      ...core.deps.blobs,
      removeOrganisation: (orgId: OrgId, signal?: AbortSignal) =>
        orgId === doomed.tenant.orgId
          ? Promise.reject(new Error('the disk is away'))
          : core.deps.blobs.removeOrganisation(orgId, signal),
    }
    await expect(remove(never, { blobs: broken })).rejects.toThrow('the disk is away')
    expect(await allOf(other)).toEqual(GONE)
    expect((await allOf(doomed)).files).toBeGreaterThan(0)
    expect((await tombstone(doomed.tenant.orgId))?.['finished_at']).toBeNull()
    await expect(remove(AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
    await remove()
    expect(await allOf(doomed)).toEqual(GONE)
  })

  test('of which somebody writes after its end is looked at again, each hour for a day', async () => {
    const { tenant } = doomed
    const { orgId } = tenant
    await close(orgId, '-1 second')
    await remove()
    const late: Actor = tenant.owner
    await db.database.tenant(late).tx(async (tx) => {
      await emitSignal(tx, 'member', orgId)
      await recordAudit(tx, {
        actor: late,
        action: 'session.create',
        subjectKind: 'user',
        subjectId: 'x',
        requestId: null,
      })
    })
    expect(Object.keys(await mentions(orgId))).toEqual(['public.audit_event', 'public.signal'])
    await remove()
    expect(Object.keys(await mentions(orgId))).toHaveLength(2)
    const ago = (column: string, hours: number) =>
      db.owner.unsafe(
        `update organisation_deletion set ${column} = now() - ${hours} * interval '1 hour' where subject_id = $1`,
        [orgId],
      )
    await ago('looked_at', 2)
    expect(await remove()).toMatchObject({ organisations: 0, rows: 2 })
    expect(await allOf(doomed)).toEqual(GONE)
  })

  describe('what is derived from the catalogue', () => {
    const stranger = async (rights: string) => {
      await db.owner.unsafe(
        `create table stranger (org_id uuid, id uuid, primary key (org_id, id)); alter table stranger enable row level security;
         alter table stranger force row level security;
         create policy tenant on stranger for all to app_user using (org_id = nullif(current_setting('app.org_id', true), '')::uuid);
         ${rights}`,
      )
      for (const { tenant } of [doomed, other])
        await db.owner.unsafe('insert into stranger values ($1, $2)', [tenant.orgId, newId()])
    }
    const dropped = () => db.owner.unsafe('drop table if exists stranger')

    test('a table that is made tomorrow is emptied, though nobody names it', async () => {
      await stranger('grant select, delete on stranger to app_user')
      try {
        await close(doomed.tenant.orgId, '-1 second')
        await remove()
        expect(await allOf(doomed)).toEqual(GONE)
        expect(await mentions(other.tenant.orgId)).toHaveProperty('public.stranger', 1)
      } finally {
        await dropped()
      }
    })

    test('mutation: a table of which nobody may delete stops the deletion, and says so', async () => {
      await stranger('grant select on stranger to app_user')
      try {
        await close(doomed.tenant.orgId, '-1 second')
        await expect(remove()).rejects.toThrow('Nobody may delete of the table stranger')
        expect((await tombstone(doomed.tenant.orgId))?.['finished_at']).toBeNull()
      } finally {
        await dropped()
      }
      await remove()
      expect(await allOf(doomed)).toEqual(GONE)
    })

    test('mutation: without the policy that opens the log of who goes, it is left, and the look into every table finds it', async () => {
      const [policy] = await db.owner.unsafe<{ qual: string }[]>(
        `select qual from pg_policies where tablename = 'audit_event' and policyname = 'gone'`,
      )
      await db.owner.unsafe('drop policy gone on audit_event')
      try {
        await close(doomed.tenant.orgId, '-1 second')
        await remove()
        expect(Object.keys(await mentions(doomed.tenant.orgId))).toEqual(['public.audit_event'])
      } finally {
        await db.owner.unsafe(`create policy gone on audit_event for all to app_system using (${policy?.qual})`)
      }
    })
  })
})
