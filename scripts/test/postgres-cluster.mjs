import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { command, mustRun } from '../services/command.mjs'
import { freePort } from '../services/free-port.mjs'
import { unprivileged } from '../services/unprivileged.mjs'

const PREFIX = 'quarry-test-postgres-'
const START_TIMEOUT_MS = 60_000

/** Tests drop everything at their end: nothing has to survive a crash of the machine. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum_naptime: '10s',
  // A pool per test file, several files at once, and each cloned database has its own connections.
  max_connections: '200',
  shared_buffers: '256MB',
  listen_addresses: '127.0.0.1',
  log_min_messages: 'fatal',
  // The machine's shared memory is small in containers.
  dynamic_shared_memory_type: 'mmap',
  jit: 'off',
}

/**
 * Starts a PostgreSQL of its own on a private port and in a private folder, with a password nobody else knows.
 *
 * @param {{ binFolder: string }} installation
 * @param {Record<string, string>} [more] settings in place of those of the tests
 * @returns {Promise<{ url: string, folder: string, stop: () => Promise<void> }>} url of the superuser
 */
export const startCluster = async ({ binFolder }, more = {}) => {
  const user = await unprivileged()
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX))
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid)
  chmodSync(folder, 0o700)
  const dataFolder = path.join(folder, 'data')
  const password = randomBytes(18).toString('base64url')
  const passwordFile = path.join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o644 })
  writeFileSync(path.join(folder, 'owner'), `${process.pid}\n${binFolder}\n`)
  const port = await freePort()
  const options = { ...user, cwd: folder, env: { ...process.env, LC_ALL: 'C.UTF-8' }, timeoutMs: START_TIMEOUT_MS }
  await mustRun(
    path.join(binFolder, 'initdb'),
    [
      '-D',
      dataFolder,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
      `--pwfile=${passwordFile}`,
    ],
    options,
  )
  const settings = { ...SETTINGS, ...more, port, unix_socket_directories: folder }
  const flags = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  await mustRun(
    path.join(binFolder, 'pg_ctl'),
    ['start', '-w', '-s', '-D', dataFolder, '-l', path.join(folder, 'server.log'), '-o', flags.join(' ')],
    options,
  )
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    folder,
    stop: () => stopCluster(folder),
  }
}

/** Stops the server in such a folder, whoever started it, and removes the folder. */
export const stopCluster = async (folder) => {
  const binFolder = existsSync(path.join(folder, 'owner'))
    ? readFileSync(path.join(folder, 'owner'), 'utf8').split('\n')[1]
    : undefined
  if (binFolder !== undefined) {
    const user = await unprivileged()
    const args = ['stop', '-w', '-s', '-m', 'immediate', '-D', path.join(folder, 'data')]
    await command(path.join(binFolder, 'pg_ctl'), args, { ...user, cwd: folder })
  }
  rmSync(folder, { recursive: true, force: true })
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Hands a running cluster over to nobody: it outlives the process that started it (the developers' background server). */
export const keepRunning = (folder) => {
  const [, binFolder] = readFileSync(path.join(folder, 'owner'), 'utf8').split('\n')
  writeFileSync(path.join(folder, 'owner'), `keep\n${binFolder}\n`)
}

/** Stops what a test run that was killed has left behind: a server whose owner's process is gone. */
export const sweepClusters = async () => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = path.join(tmpdir(), name)
    const owner = path.join(folder, 'owner')
    const pid = existsSync(owner) ? readFileSync(owner, 'utf8').split('\n')[0] : 'keep'
    if (pid !== 'keep' && !isAlive(Number(pid))) await stopCluster(folder)
  }
}
