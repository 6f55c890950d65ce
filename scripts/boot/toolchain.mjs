import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cleanEnvironment } from './environment.mjs'
import { BootFailure } from './failure.mjs'
import { userCache } from './paths.mjs'

/** What the product is tested with. Any Node of this major on PATH is used as it is. */
export const NODE_VERSION = '24.21.0'
export const PNPM_VERSION = '12.21.0'

const major = (version) => Number.parseInt(version, 10)

/**
 * npm's own retries would keep a machine without network waiting for more than a minute before it hears so.
 */
const IMPATIENT = {
  npm_config_fetch_retries: '2',
  npm_config_fetch_retry_mintimeout: '1000',
  npm_config_fetch_retry_maxtimeout: '4000',
}

/**
 * Node 24 and pnpm 12: those on PATH, else those fetched earlier, else fetched now through npx.
 *
 * @param {(message: string) => void} say
 * @param {{ needsPnpm: boolean }} options false when everything is installed: asking pnpm for its version costs time
 * @returns {{ node: string, pnpm?: string, binFolders: string[] }} paths, and the folders to put first on PATH
 */
export const findToolchain = (say, { needsPnpm }) => fromPath(needsPnpm) ?? fromCache() ?? fetchToolchain(say)

const onPath = (program) => {
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program]
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of names) if (folder !== '' && existsSync(path.join(folder, name))) return path.join(folder, name)
  }
  return undefined
}

const fromPath = (needsPnpm) => {
  if (major(process.versions.node) !== major(NODE_VERSION)) return undefined
  if (!needsPnpm) return { node: process.execPath, binFolders: [path.dirname(process.execPath)] }
  const pnpm = onPath('pnpm')
  // Outside a project: inside one, pnpm might switch to the version that the project pins.
  const found = pnpm && spawnSync(pnpm, ['--version'], { cwd: '/', encoding: 'utf8', env: cleanEnvironment() }).stdout
  if (!found || major(found) !== major(PNPM_VERSION)) return undefined
  return { node: process.execPath, pnpm, binFolders: [path.dirname(process.execPath)] }
}

const recordFile = () => path.join(userCache(), `toolchain-${process.platform}-${process.arch}.json`)

const fromCache = () => {
  try {
    const record = JSON.parse(readFileSync(recordFile(), 'utf8'))
    const current = record.nodeVersion === NODE_VERSION && record.pnpmVersion === PNPM_VERSION
    if (current && existsSync(record.node) && existsSync(record.pnpm)) return toolchain(record)
  } catch {
    // No record, or a torn one: fetch again.
  }
  return undefined
}

const toolchain = ({ node, pnpm }) => ({
  node,
  pnpm,
  binFolders: [...new Set([path.dirname(node), path.dirname(pnpm)])],
})

const fetchToolchain = (say) => {
  say(`Fetching Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} (first time only) …`)
  // The package of one platform has no install script; `node` finds the platform with one, where scripts are allowed.
  const candidates = [`node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`, 'node']
  const print =
    "process.stdout.write(JSON.stringify([process.execPath, process.env.PATH.split(require('node:path').delimiter)[0]]))"
  const env = { ...cleanEnvironment(), ...IMPATIENT, npm_config_update_notifier: 'false' }
  let complaint = ''
  for (const candidate of candidates) {
    const packages = ['-y', '-p', `${candidate}@${NODE_VERSION}`, '-p', `pnpm@${PNPM_VERSION}`]
    const probe = spawnSync('npx', [...packages, '--', 'node', '-e', print], {
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    if (probe.status === 0) {
      const [node, bin] = JSON.parse(probe.stdout)
      const record = { node, pnpm: path.join(bin, 'pnpm'), nodeVersion: NODE_VERSION, pnpmVersion: PNPM_VERSION }
      mkdirSync(userCache(), { recursive: true })
      writeFileSync(recordFile(), JSON.stringify(record))
      return toolchain(record)
    }
    complaint = probe.error?.message ?? probe.stderr
    if (isNetworkComplaint(complaint)) break
  }
  throw new BootFailure(
    isNetworkComplaint(complaint)
      ? `Cannot fetch Node ${NODE_VERSION} and pnpm ${PNPM_VERSION}: the package registry cannot be reached. The first start needs a network.`
      : `Cannot fetch Node ${NODE_VERSION} and pnpm ${PNPM_VERSION} through npx: ${lastLine(complaint)}`,
  )
}

export const isNetworkComplaint = (text) =>
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|dns error|error sending request|tcp connect|network (is unreachable|timeout)/i.test(
    text,
  )

export const lastLine = (text) =>
  text
    .trim()
    .split('\n')
    .filter(
      (line) => line.trim() !== '' && !line.startsWith('npm notice') && !line.includes('A complete log of this run'),
    )
    .at(-1) ?? 'no reason given'
