import { existsSync } from 'node:fs'
import path from 'node:path'
import { lockDataFolder, openDataFolder } from './data-lock.mjs'
import { delegate } from './delegate.mjs'
import { productSettings } from './environment.mjs'
import { ROOT } from './paths.mjs'

/** Commands that open the data themselves, instead of asking the server for it. */
const ON_THE_DATA = new Set(['backup', 'restore', 'move'])

/** Whether the command opens the embedded database: two processes would destroy it. */
const needsLock = (args, { embeddedDatabase }) =>
  embeddedDatabase && !args.some((arg) => arg === '--help' || arg === '-h')

/**
 * `npm run quarry -- …`: the client of a running server, or one of the commands that handle a whole installation.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code
 */
export const quarry = (args) => {
  const cwd = process.env.INIT_CWD && existsSync(process.env.INIT_CWD) ? process.env.INIT_CWD : process.cwd()
  const settings = productSettings()
  const env = { INIT_CWD: cwd, QUARRY_DATA: settings.dataFolder }
  if (!ON_THE_DATA.has(args[0])) return delegate(path.join(ROOT, 'apps/cli/src/main.ts'), args, { cwd, env })
  if (needsLock(args, settings)) {
    openDataFolder(settings.dataFolder)
    process.once('exit', lockDataFolder(settings.dataFolder, `quarry ${args[0]}`))
  }
  const main = path.join(ROOT, 'apps/worker/src/transfer-main.ts')
  return delegate(main, args, { cwd, env, endsWithBoot: true })
}
