import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, isRoot } from './cache-folder.mjs'
import { command, has, mustRun } from './command.mjs'
import { openPrivateApt } from './private-apt.mjs'

/** Compiling pgvector takes about 20 s on two cores. */
const BUILD_TIMEOUT_MS = 300_000

/**
 * A copy of an installed PostgreSQL that has pgvector, made once and kept in the cache folder. The machine's own
 * installation is left as it is, and no root is needed: PostgreSQL finds its folders relative to its own binary, so a
 * copy with the same shape, whose unchanged parts are links, is an installation too.
 *
 * @param {{ binFolder: string, version: string }} installed
 * @param {(message: string) => void} say
 * @returns {Promise<string>} the copy's folder of binaries
 */
export const withPgvector = async (installed, say) => {
  const folders = await configuredFolders(path.join(installed.binFolder, 'pg_config'))
  const home = path.join(cacheFolder('postgresql'), installed.version.replaceAll(/[^\w.]+/g, '-'))
  const copied = (folder) => path.join(home, 'root', folder)
  const control = path.join(copied(folders.sharedir), 'extension', 'vector.control')
  if (existsSync(control)) return copied(folders.bindir)

  say('building pgvector (once)')
  const scratch = mkdtempSync(path.join(cacheFolder(), 'build-'))
  try {
    await needBuildTools()
    const apt = await openPrivateApt(path.join(scratch, 'apt'))
    const root = path.join(scratch, 'root')
    copyInstallation(folders, root)
    if (!existsSync(path.join(folders.includedir, 'postgres.h'))) {
      const headers = await apt.download(`postgresql-server-dev-${installed.version.split('.')[0]}`)
      await mustRun('dpkg-deb', ['-x', headers, root])
      copyLinks(folders.libdir, path.join(root, folders.libdir))
    }
    const sources = path.join(scratch, 'pgvector')
    mkdirSync(sources)
    await mustRun('tar', ['-xf', await apt.source('pgvector'), '-C', sources, '--strip-components=1'])
    // OPTFLAGS: the product of one machine may be used on another. with_llvm: bitcode needs a second compiler.
    const settings = [`PG_CONFIG=${path.join(root, folders.bindir, 'pg_config')}`, 'OPTFLAGS=', 'with_llvm=no']
    await mustRun('make', ['-s', '-j2', ...settings], { cwd: sources, timeoutMs: BUILD_TIMEOUT_MS })
    await mustRun('make', ['-s', 'install', ...settings], { cwd: sources, timeoutMs: BUILD_TIMEOUT_MS })
    mkdirSync(home, { recursive: true })
    rmSync(path.join(home, 'root'), { recursive: true, force: true })
    renameSync(root, path.join(home, 'root'))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return copied(folders.bindir)
}

const configuredFolders = async (pgConfig) => {
  const names = ['bindir', 'sharedir', 'pkglibdir', 'includedir-server']
  const { stdout } = await mustRun(
    pgConfig,
    names.map((name) => `--${name}`),
  )
  const [bindir, sharedir, libdir, includedir] = stdout.trim().split('\n')
  return { bindir, sharedir, libdir, includedir }
}

/** The binaries are copied, because a link would lead back to the machine's own folders; the rest is linked. */
const copyInstallation = (folders, root) => {
  cpSync(folders.bindir, path.join(root, folders.bindir), { recursive: true, dereference: true })
  copyLinks(folders.libdir, path.join(root, folders.libdir))
  copyLinks(folders.sharedir, path.join(root, folders.sharedir), ['extension'])
  copyLinks(path.join(folders.sharedir, 'extension'), path.join(root, folders.sharedir, 'extension'))
}

const copyLinks = (from, to, except = []) => {
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    const target = path.join(to, name)
    if (!except.includes(name) && !existsSync(target) && path.join(from, name) !== to)
      symlinkSync(path.join(from, name), target)
  }
}

const needBuildTools = async () => {
  const missing = []
  for (const tool of ['gcc', 'make']) if (!(await has(tool))) missing.push(tool)
  if (missing.length === 0) return
  if (!isRoot) throw new Error(`pgvector must be compiled, and ${missing.join(' and ')} is not installed`)
  await command('apt-get', ['update', '-q'])
  await mustRun('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'gcc', 'make', 'libc6-dev'])
}
