import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { isRoot } from './cache-folder.mjs'
import { command, has, mustRun } from './command.mjs'
import { withPgvector } from './pgvector-build.mjs'

/** PostgreSQL 15 is what Debian 12 has; the product's SQL uses nothing newer and needs `security_invoker`-era features. */
const OLDEST_MAJOR = 15
const INSTALL_TIMEOUT_MS = 300_000

/**
 * Finds PostgreSQL's binaries with pgvector beside them; adds pgvector (in a copy) where it is missing, and installs
 * PostgreSQL where this runs as root on a machine with apt.
 *
 * @param {(message: string) => void} say
 * @param {{ mayInstall?: boolean }} [options] false: what is not installed is said, and the machine is left as it is
 * @returns {Promise<{ binFolder: string, version: string }>}
 * @throws an Error whose message says what to install
 */
export const preparePostgresBinaries = async (say, { mayInstall = true } = {}) => {
  const found = await newestInstalled()
  if (found === undefined && !mayInstall) throw new Error(`PostgreSQL ${OLDEST_MAJOR} or newer is not installed`)
  const installed = found ?? (await installFromApt(say))
  const { stdout } = await mustRun(path.join(installed.binFolder, 'pg_config'), ['--sharedir'])
  if (existsSync(path.join(stdout.trim(), 'extension', 'vector.control'))) return installed
  return { ...installed, binFolder: await withPgvector(installed, say) }
}

const subfolders = (folder) =>
  existsSync(folder) ? readdirSync(folder).map((name) => path.join(folder, name, 'bin')) : []

const newestInstalled = async () => {
  const onPath = (await command('pg_config', ['--bindir'])).stdout.trim()
  const found = []
  for (const binFolder of new Set([onPath, ...subfolders('/usr/lib/postgresql'), ...subfolders('/opt/homebrew/opt')])) {
    if (
      binFolder === '' ||
      !['initdb', 'postgres', 'pg_config'].every((name) => existsSync(path.join(binFolder, name)))
    )
      continue
    const { stdout } = await command(path.join(binFolder, 'postgres'), ['--version'])
    const version = /(\d+[.\w]*)/.exec(stdout)?.[1]
    if (version !== undefined && Number.parseInt(version) >= OLDEST_MAJOR) found.push({ binFolder, version })
  }
  return found.toSorted((a, b) => Number.parseFloat(b.version) - Number.parseFloat(a.version))[0]
}

const installFromApt = async (say) => {
  const wanted = `PostgreSQL ${OLDEST_MAJOR} or newer with pgvector`
  if (!isRoot || !(await has('apt-get'))) {
    throw new Error(
      `install ${wanted}, or start Docker, or set TEST_DATABASE_URL to a superuser's address of such a server`,
    )
  }
  say('installing PostgreSQL with apt')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  await command('apt-get', ['update', '-q'], { env, timeoutMs: INSTALL_TIMEOUT_MS })
  await mustRun('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'postgresql', 'postgresql-contrib'], {
    env,
    timeoutMs: INSTALL_TIMEOUT_MS,
  })
  const installed = await newestInstalled()
  if (installed === undefined) throw new Error(`apt's PostgreSQL is older than ${OLDEST_MAJOR}: install ${wanted}`)
  // The package starts a server of its own; nobody asked for it, and it is not the one that the tests use.
  await command('pg_ctlcluster', [installed.version.split('.')[0], 'main', 'stop'])
  return installed
}
