import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readTestPgbouncer, type DatabaseAdapter } from '@quarry/config'
import { freePort, unprivileged } from './test-process.ts'

export interface TestPgbouncer {
  /** As the product would be told of it: through the pooler, and past it. */
  readonly adapter: Extract<DatabaseAdapter, { kind: 'postgres' }>
  close(): Promise<void>
}

const START_MS = 10_000

/**
 * A PgBouncer in transaction mode in front of `target`, as it is delivered. With one connection to the server every
 * transaction of ours meets the session that another one has just left; with two, now this one and now that.
 */
export const startTestPgbouncer = async (target: DatabaseAdapter, sessions: 1 | 2 = 1): Promise<TestPgbouncer> => {
  if (target.kind !== 'postgres') throw new TypeError('a pooler needs a PostgreSQL behind it')
  const server = new URL(target.url)
  const folder = mkdtempSync(join(tmpdir(), 'quarry-test-pgbouncer-'))
  const account = unprivileged()
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid)
  chmodSync(folder, 0o700)
  const port = await freePort()
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: join(folder, 'users'),
    pool_mode: 'transaction',
    default_pool_size: sessions,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const databases = `* = host=${server.hostname} port=${server.port}`
  writeFileSync(join(folder, 'ini'), `[databases]\n${databases}\n[pgbouncer]\n${lines.join('\n')}\n`, { mode: 0o644 })
  writeFileSync(join(folder, 'users'), `"${server.username}" "${decodeURIComponent(server.password)}"\n`, {
    mode: 0o644,
  })
  const child = spawn(readTestPgbouncer(), [join(folder, 'ini')], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await listening(child)
  const url = new URL(server)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  return {
    adapter: { kind: 'postgres', url: url.href, ownerUrl: target.ownerUrl, directUrl: target.url },
    close: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const listening = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let log = ''
    const timer = setTimeout(() => reject(new Error(`PgBouncer did not start:\n${log}`)), START_MS)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PgBouncer ended:\n${log}`)))
    const look = (part: Buffer) => {
      log += part.toString()
      if (!log.includes('process up')) return
      clearTimeout(timer)
      child.removeAllListeners('exit')
      child.stderr?.off('data', look).resume()
      resolve()
    }
    child.stderr?.on('data', look)
  })
