import { existsSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { exclusively } from './exclusive.mjs'
import { BootFailure } from './failure.mjs'
import { ROOT } from './paths.mjs'
import { digestOf, manifests, readStamp, writeStamp } from './source-stamp.mjs'
import { isNetworkComplaint, lastLine } from './toolchain.mjs'
import { runTool } from './tool-run.mjs'

const MODULES = path.join(ROOT, 'node_modules')
const STAMP = path.join(MODULES, '.quarry-installed')
const LOG = path.join(ROOT, 'node_modules', '.quarry-install.log')

const ATTEMPTS = 4
const PAUSE_MS = 1_500

const wanted = () =>
  `${process.platform}-${process.arch} ${digestOf(['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()])}`

/** Whether node_modules is what the lockfile asks for. About 5 ms. */
export const isInstalled = () => existsSync(MODULES) && readStamp(STAMP) === wanted()

/**
 * Installs from the lockfile when it, or a package.json, has changed since the last time.
 *
 * @param {{ pnpm: string }} toolchain
 * @param {Record<string, string>} env
 * @param {(message: string) => void} say
 */
export const install = async (toolchain, env, say) => {
  if (isInstalled()) return
  await exclusively(path.join(ROOT, '.cache', 'installing'), async () => {
    if (isInstalled()) return
    say('Installing packages from the lockfile …')
    const output = await installFromLockfile(toolchain, env)
    if (output !== undefined) throw new BootFailure(explain(output))
    writeStamp(STAMP, wanted())
  })
}

/**
 * pnpm's own retries are for each package, and add up to minutes where there is no network at all: here the whole is
 * tried again, and goes on where it stopped.
 *
 * @returns {Promise<string | undefined>} what pnpm wrote when it did not succeed
 */
const installFromLockfile = async (toolchain, env) => {
  const args = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only']
  const options = { env: { ...env, CI: 'true', pnpm_config_fetch_retries: '0' }, logFile: LOG }
  for (let attempt = 1; ; attempt += 1) {
    const { code, output } = await runTool(toolchain.pnpm, args, options)
    if (code === 0) return undefined
    if (attempt === ATTEMPTS || !isNetworkComplaint(output)) return output
    await pause(PAUSE_MS)
  }
}

const explain = (output) => {
  if (isNetworkComplaint(output)) {
    return 'Cannot install the packages: the package registry cannot be reached. The first start needs a network.'
  }
  if (/ERR_PNPM_OUTDATED_LOCKFILE|frozen-lockfile/i.test(output)) {
    return 'Cannot install the packages: pnpm-lock.yaml does not match a package.json. Run `pnpm install` and look at what changed.'
  }
  return `Cannot install the packages: ${lastLine(output)} (all of it: ${path.relative(ROOT, LOG)})`
}
