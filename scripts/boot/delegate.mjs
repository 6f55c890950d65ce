import { spawn } from 'node:child_process'
import { cleanEnvironment } from './environment.mjs'
import { install, isInstalled } from './install.mjs'
import { ROOT } from './paths.mjs'
import { endTools } from './tool-run.mjs'
import { findToolchain } from './toolchain.mjs'

const say = (message) => console.error(message)

/**
 * Runs one file of the checkout with Node 24 and hands over everything: arguments, input, output, signals, exit code.
 * Boot's own words go to standard error, so that standard output belongs to the command alone.
 *
 * @param {string} file relative to the checkout
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, endsWithBoot?: boolean }} [options] `endsWithBoot` gives the
 *   command a channel whose end tells it that boot is gone, even by SIGKILL
 * @returns {Promise<number>} the exit code
 */
export const delegate = async (file, args, { cwd = ROOT, env: extra = {}, endsWithBoot = false } = {}) => {
  let child
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (child !== undefined) child.kill(signal)
      else {
        endTools()
        process.exit(1)
      }
    })
  }
  const toolchain = findToolchain(say, { needsPnpm: !isInstalled() })
  const env = { ...cleanEnvironment(toolchain.binFolders), ...extra }
  await install(toolchain, env, say)
  child = spawn(toolchain.node, [file, ...args], {
    cwd,
    env,
    stdio: ['inherit', 'inherit', 'inherit', ...(endsWithBoot ? ['ipc'] : [])],
  })
  return new Promise((resolve) => {
    child.on('error', () => resolve(127))
    child.on('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)))
  })
}
