import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'

/** PostgreSQL and PgBouncer refuse to run as root: then as whoever owns the folder that their packages made. */
export const unprivileged = (): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {}
  const owned = ['/var/run/postgresql', '/var/lib/postgresql'].find((path) => existsSync(path))
  if (owned === undefined) throw new Error('PostgreSQL does not run as root, and its package has made no account here')
  const { uid, gid } = statSync(owned)
  return { uid, gid }
}

/** A free TCP port of the loopback. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}
