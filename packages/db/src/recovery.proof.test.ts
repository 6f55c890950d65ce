import { execFile } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from './database.ts'
import { findLeaks, installProbe, planProbes } from './security/index.ts'
import { createScene, type Scene } from './security/scene.ts'
import { superuser, withDatabase } from './testing/template.ts'
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts'
import { freePort, unprivileged } from './testing/test-process.ts'
import { findServerPrograms } from './testing/test-server.ts'

const run = promisify(execFile)
/** What the check promises: so much is lost at most, and so long it takes. */
const RPO_MS = 5 * 60_000
const RTO_MS = 60_000
/** docker/compose.yaml has 60 s; a drill need not wait for it. */
const ARCHIVE_TIMEOUT_SECONDS = 1
const PASSWORD = 'of a server on the loopback that lives for one test'

describe('check 20: recovery to a moment, from a base backup and archived WAL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-recovery-'))
  const [data, wal, base] = ['data', 'wal', 'base'].map((name) => join(folder, name)) as [string, string, string]
  const account = unprivileged()
  const servers: string[] = []
  let programs = ''
  let url = ''
  let source: TestDatabase
  let scene: Scene
  let before: Record<string, string>
  let moment = ''
  let pieceOfScene = ''

  const program = (name: string, ...args: string[]) =>
    run(join(programs, name), args, { ...account, cwd: folder, env: { PGPASSWORD: PASSWORD, LC_ALL: 'C.UTF-8' } })

  const start = async (at: string, settings: Record<string, string>): Promise<string> => {
    const port = await freePort()
    const all = {
      port: String(port),
      unix_socket_directories: folder,
      listen_addresses: '127.0.0.1',
      dynamic_shared_memory_type: 'mmap',
      max_connections: '60',
      ...settings,
    }
    writeFileSync(
      join(at, 'postgresql.auto.conf'),
      Object.entries(all)
        .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
        .join(''),
    )
    await program('pg_ctl', 'start', '-w', '-s', '-t', '55', '-D', at, '-l', join(folder, `${port}.log`))
    servers.push(at)
    return `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`
  }

  beforeAll(async () => {
    const found = await findServerPrograms()
    if (found === null)
      throw new Error('TEST_DATABASE_URL leads to another machine: the drill starts servers of its own')
    programs = found
    writeFileSync(join(folder, 'password'), PASSWORD)
    mkdirSync(wal)
    if (account.uid !== undefined) for (const one of [folder, wal]) chownSync(one, account.uid, account.gid ?? -1)
    await program('initdb', '-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '-k', `--pwfile=${folder}/password`)
    url = await start(data, {
      archive_mode: 'on',
      archive_timeout: String(ARCHIVE_TIMEOUT_SECONDS),
      archive_command: `test ! -f ${wal}/%f && cp %p ${wal}/%f.part && mv ${wal}/%f.part ${wal}/%f`,
    })
    source = await createTestDatabase(url)
    await installProbe(source.owner)
    // The base backup has nothing of the tenants: all of that comes from the archive.
    await program('pg_basebackup', '-D', base, '-d', url, '-c', 'fast', '-X', 'none')
    scene = await createScene(source)
    before = await checksums(source.owner)
    moment = await now(source.owner)
    pieceOfScene = await currentPiece(source.owner)
    // Somebody's mistake, which the recovery leaves out.
    await pause(1_100)
    await source.owner.unsafe('delete from citation')
  }, 180_000)

  afterAll(async () => {
    await source?.close()
    for (const at of servers) await program('pg_ctl', 'stop', '-s', '-D', at, '-m', 'immediate').catch(() => undefined)
    rmSync(folder, { recursive: true, force: true })
  })

  /** A copy of the base backup, as it would lie on a clean machine. */
  const restored = async (name: string, { without = '' } = {}) => {
    const at = join(folder, name)
    await run('cp', ['-a', base, at])
    chmodSync(at, 0o700)
    writeFileSync(join(at, 'recovery.signal'), '')
    const skipped = without === '' ? '' : `test %f != ${without} && `
    return start(at, {
      restore_command: `${skipped}cp ${wal}/%f %p`,
      recovery_target_time: moment,
      recovery_target_action: 'promote',
      archive_mode: 'off',
    })
  }

  it(`what was committed is archived within ${RPO_MS / 60_000} min, and a clean server has it within ${RTO_MS / 1000} s, equal and as well guarded`, async () => {
    const since = performance.now()
    const newest = await currentPiece(source.owner)
    while (!readdirSync(wal).includes(newest)) {
      expect(performance.now() - since, 'nothing is archived').toBeLessThan(60_000)
      await pause(100)
    }
    const rpoMs = performance.now() - since
    const begun = performance.now()
    const copy = await restored('restored')
    const database = new URL(source.adapter.kind === 'postgres' ? (source.adapter.ownerUrl ?? '') : '').pathname.slice(
      1,
    )
    const owner = superuser(copy, database)
    while ((await owner.unsafe<{ busy: boolean }[]>('select pg_is_in_recovery() as busy'))[0]?.busy !== false)
      await pause(50)
    const after = await checksums(owner)
    const rtoMs = performance.now() - begun
    expect(after).toEqual(before)
    expect(rpoMs).toBeLessThan(RPO_MS)
    expect(rtoMs).toBeLessThan(RTO_MS)
    process.stdout.write(`recovery: archived after ${Math.round(rpoMs)} ms, served after ${Math.round(rtoMs)} ms\n`)

    const login = new URL(source.adapter.kind === 'postgres' ? source.adapter.url : '')
    login.port = new URL(copy).port
    const adapter = { kind: 'postgres', url: login.href, ownerUrl: withDatabase(copy, database) } as const
    const opened = openDatabase(adapter)
    try {
      const { extensions, roles } = await guards(owner)
      expect({ extensions, roles }).toEqual(await guards(source.owner))
      const again = { ...source, adapter, database: opened, owner }
      expect(await findLeaks(await planProbes(again, scene))).toEqual([])
    } finally {
      await opened.close()
      await owner.end()
    }
  })

  it('mutation: where a piece of the archive is missing the server says so, and does not serve less as if it were all', async () => {
    const copy = await restored('incomplete', { without: pieceOfScene })
    const ended = async () => {
      const sql = superuser(copy)
      try {
        const [row] = await sql.unsafe<{ busy: boolean }[]>('select pg_is_in_recovery() as busy')
        // Read-only, and before the moment: it must not become a server that takes writes.
        expect(row?.busy).toBe(true)
        return false
      } catch (error) {
        if (error instanceof Error && error.name === 'AssertionError') throw error
        return true
      } finally {
        await sql.end()
      }
    }
    await expect.poll(ended, { timeout: 30_000 }).toBe(true)
    expect(readFileSync(join(folder, `${new URL(copy).port}.log`), 'utf8')).toContain(
      'recovery ended before configured recovery target was reached',
    )
  })

  it('mutation: a base backup that was damaged is found before it is used', async () => {
    const at = join(folder, 'damaged')
    await run('cp', ['-a', base, at])
    await program('pg_verifybackup', '-n', at)
    truncateSync(join(at, 'global', 'pg_control'), 100)
    await expect(program('pg_verifybackup', '-n', at)).rejects.toThrow('pg_control')
  })

  it('control: what happened after the moment is not there, and the source has it', async () => {
    const [row] = await source.owner.unsafe<{ rows: number }[]>('select count(*)::int as rows from citation')
    expect(row?.rows).toBe(0)
    expect(before['public.citation']).not.toMatch(/^0 /)
  })
})

/** The file of the log that is being written. */
const currentPiece = async (sql: postgres.Sql): Promise<string> =>
  (await sql.unsafe<{ name: string }[]>('select pg_walfile_name(pg_current_wal_lsn()) as name'))[0]?.name ?? ''

const now = async (sql: postgres.Sql): Promise<string> =>
  (await sql.unsafe<{ at: string }[]>('select now()::text as at'))[0]?.at ?? ''

/** Of each table of ours: how many rows, and the sum of them, whatever their order. */
const checksums = async (sql: postgres.Sql): Promise<Record<string, string>> => {
  const tables = await sql.unsafe<{ name: string }[]>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'auth', 'drizzle') order by 1`,
  )
  const found: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await sql.unsafe<{ sum: string }[]>(
      `select count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) as sum from ${name} t`,
    )
    found[name] = row?.sum ?? ''
  }
  return found
}

const guards = async (sql: postgres.Sql) => ({
  extensions: await sql.unsafe(`select extname, extversion from pg_extension order by 1`),
  roles: await sql.unsafe(
    `select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname ~ '^(app_|login)' order by 1`,
  ),
})
