import { existsSync } from 'node:fs'
import path from 'node:path'
import { lockDataFolder, openDataFolder, tryLockDataFolder } from './data-lock.mjs'
import { delegate } from './delegate.mjs'
import { productSettings } from './environment.mjs'
import { BootFailure } from './failure.mjs'
import { ROOT } from './paths.mjs'

/** What opens the data itself, instead of asking the server for it, and whether Quarry may run meanwhile. */
const TRANSFER = { main: 'apps/worker/src/transfer-main.ts', mayRun: false }
const OPERATOR = { main: 'apps/worker/src/operator-main.ts', mayRun: true }
const DATABASE = { main: 'apps/worker/src/db-main.ts', mayRun: false }
const ON_THE_DATA = {
  backup: TRANSFER,
  restore: TRANSFER,
  move: TRANSFER,
  flags: OPERATOR,
  limits: OPERATOR,
  operators: OPERATOR,
  organisations: OPERATOR,
  db: DATABASE,
}

/** Whether the command opens the embedded database: two processes would destroy it. */
const needsLock = (args, { embeddedDatabase }) =>
  embeddedDatabase && !args.some((arg) => arg === '--help' || arg === '-h')

/** Takes the data folder for a command; where Quarry runs on it and may, says so in the command's environment. */
const lockFor = (name, { mayRun }, { dataFolder }) => {
  openDataFolder(dataFolder)
  if (!mayRun) {
    process.once('exit', lockDataFolder(dataFolder, `${COMMAND}${name}`))
    return {}
  }
  const { release, holder } = tryLockDataFolder(dataFolder, `${COMMAND}${name}`)
  if (release !== undefined) {
    process.once('exit', release)
    return {}
  }
  if (holder.address.startsWith(COMMAND))
    throw new BootFailure(
      `${holder.address} works on ${dataFolder} (process ${holder.pid}). Try again when it has ended.`,
    )
  return { QUARRY_DATA_HELD: '1' }
}

/** How a command calls itself in the lock; anything else is a server's address. */
const COMMAND = 'quarry '

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
  const [name = ''] = args
  if (!Object.hasOwn(ON_THE_DATA, name)) return delegate(path.join(ROOT, 'apps/cli/src/main.ts'), args, { cwd, env })
  const command = ON_THE_DATA[name]
  const held = needsLock(args, settings) ? lockFor(name, command, settings) : {}
  return delegate(path.join(ROOT, command.main), args, { cwd, env: { ...env, ...held }, endsWithBoot: true })
}
