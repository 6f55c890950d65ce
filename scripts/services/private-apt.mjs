import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { command, mustRun } from './command.mjs'

/** Debian's release that carries the source of pgvector; Debian 12 has none. */
const SOURCE_RELEASE = 'trixie'
const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'
const APT_TIMEOUT_MS = 180_000

/** The mirror that this machine uses for Debian itself, read from its own apt sources: no address is written down here. */
const ownMirror = async () => {
  const format = '$(REPO_URI)|$(CODENAME)|$(ORIGIN)|$(CREATED_BY)'
  const { stdout } = await command('apt-get', ['indextargets', '--format', format])
  const targets = stdout.split('\n').map((line) => line.split('|'))
  const main = targets.find(
    ([uri, codename, , by]) =>
      by === 'Packages' && uri?.includes('debian') && !/[-/]/.test(codename ?? '-') && !uri.includes('security'),
  )
  if (main?.[0] === undefined) throw new Error("this machine's apt sources name no Debian mirror")
  return { uri: main[0], codename: main[1] }
}

/**
 * An apt of our own under `folder`: its lists and its cache are private, so that nothing of the machine's is changed and
 * no root is needed. `source` fetches and unpacks nothing; `download` fetches binary packages of the machine's release.
 *
 * @param {string} folder
 */
export const openPrivateApt = async (folder) => {
  const mirror = await ownMirror()
  for (const name of ['lists/partial', 'cache/archives/partial', 'state', 'fetched']) {
    mkdirSync(path.join(folder, name), { recursive: true })
  }
  const fetched = path.join(folder, 'fetched')
  // apt fetches as the user _apt when root starts it.
  chmodSync(fetched, 0o777)
  const signed = existsSync(DEBIAN_KEYRING) ? `[signed-by=${DEBIAN_KEYRING}] ` : ''
  const sources = path.join(folder, 'sources.list')
  writeFileSync(
    sources,
    `deb ${signed}${mirror.uri} ${mirror.codename} main\ndeb-src ${signed}${mirror.uri} ${SOURCE_RELEASE} main\n`,
  )
  const options = [
    `-oDir::Etc::sourcelist=${sources}`,
    '-oDir::Etc::sourceparts=-',
    `-oDir::State::Lists=${path.join(folder, 'lists')}`,
    `-oDir::Cache=${path.join(folder, 'cache')}`,
    '-oDebug::NoLocking=1',
    '-oAPT::Sandbox::User=',
    '-oAPT::Update::Post-Invoke-Success::=',
  ]
  const apt = (...args) => mustRun('apt-get', [...options, '-q', ...args], { cwd: fetched, timeoutMs: APT_TIMEOUT_MS })
  await apt('update')
  const newest = (pattern) => {
    const name = readdirSync(fetched)
      .filter((file) => pattern.test(file))
      .toSorted()
      .at(-1)
    if (name === undefined) throw new Error(`apt fetched nothing that matches ${pattern}`)
    return path.join(fetched, name)
  }
  return {
    /** The path of the upstream tarball of a source package. */
    async source(name) {
      await apt('source', '--download-only', name)
      return newest(new RegExp(`^${name}_.*\\.orig\\.tar\\.`))
    },
    /** The path of the .deb of a binary package. */
    async download(name) {
      await apt('download', name)
      return newest(new RegExp(`^${name}_.*\\.deb$`))
    },
  }
}
