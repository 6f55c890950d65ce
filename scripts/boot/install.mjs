import { existsSync } from 'node:fs'
import path from 'node:path'
import { exclusively } from './exclusive.mjs'
import { BootFailure } from './failure.mjs'
import { ROOT } from './paths.mjs'
import { digestOf, manifests, readStamp, writeStamp } from './source-stamp.mjs'
import { isNetworkComplaint, lastLine } from './toolchain.mjs'
import { runTool } from './tool-run.mjs'

const MODULES = path.join(ROOT, 'node_modules')
const STAMP = path.join(MODULES, '.quarry-installed')
const LOG = path.join(ROOT, 'node_modules', '.quarry-install.log')

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
    const args = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only']
    // pnpm's own retries would keep a machine without network waiting for more than a minute before it hears so.
    const patience = {
      pnpm_config_fetch_retries: '2',
      pnpm_config_fetch_retry_mintimeout: '1000',
      pnpm_config_fetch_retry_maxtimeout: '4000',
    }
    const { code, output } = await runTool(toolchain.pnpm, args, {
      env: { ...env, ...patience, CI: 'true' },
      logFile: LOG,
    })
    if (code !== 0) throw new BootFailure(explain(output))
    writeStamp(STAMP, wanted())
  })
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
