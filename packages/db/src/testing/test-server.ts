import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTestDatabaseUrl } from '@quarry/config'
import { superuser } from './template.ts'
import { freePort, unprivileged } from './test-process.ts'

export interface TestServer {
  /** As superuser. */
  readonly url: string
  /** `fast` lets transactions roll back; `immediate` is a crash, from which it recovers at the start. */
  stop(mode: 'fast' | 'immediate'): Promise<void>
  start(): Promise<void>
  /** Stops it, and removes its files. */
  close(): Promise<void>
}

/** Where the programs of the server of TEST_DATABASE_URL are on this machine; null where it runs on another. */
export const findServerPrograms = async (): Promise<string | null> => {
  const sql = superuser(readTestDatabaseUrl())
  try {
    const [row] = await sql<{ folder: string }[]>`select setting as folder from pg_config() where name = 'BINDIR'`
    return row !== undefined && existsSync(join(row.folder, 'initdb')) ? row.folder : null
  } finally {
    await sql.end()
  }
}

/**
 * A PostgreSQL for one test file that stops and starts it: the shared one belongs to the others. Acknowledged commits are
 * written, so that they outlive a crash of the server; not synced, so that they need not outlive one of the machine.
 */
export const startTestServer = async (programs: string): Promise<TestServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-server-'))
  const data = join(folder, 'data')
  const account = unprivileged()
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid)
  chmodSync(folder, 0o700)
  const password = 'of a server on the loopback that lives for one test'
  writeFileSync(join(folder, 'password'), password, { mode: 0o644 })
  const run = async (program: string, ...args: string[]) => {
    const child = spawn(join(programs, program), args, { ...account, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.on('data', (part: Buffer) => (said += part.toString()))
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${program} failed: ${said}`)
  }
  await run('initdb', '-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--no-sync', `--pwfile=${folder}/password`)
  const port = await freePort()
  const settings = [
    `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c max_connections=60`,
    '-c fsync=off -c synchronous_commit=on -c log_min_messages=fatal -c dynamic_shared_memory_type=mmap',
  ]
  const start = () =>
    run('pg_ctl', 'start', '-w', '-s', '-D', data, '-l', join(folder, 'log'), '-o', settings.join(' '))
  const stop = (mode: 'fast' | 'immediate') => run('pg_ctl', 'stop', '-w', '-s', '-D', data, '-m', mode)
  await start()
  return {
    url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    start,
    stop,
    close: async () => {
      await stop('immediate').catch(() => undefined)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
