import path from 'node:path'
import { existsSync } from 'node:fs'
import { lockDataFolder, openDataFolder } from './data-lock.mjs'
import { cleanEnvironment, productSettings } from './environment.mjs'
import { install, isInstalled } from './install.mjs'
import { ROOT, WEB } from './paths.mjs'
import { needFreePort } from './port.mjs'
import { createProduct, readCredentials } from './product.mjs'
import { onStopSignals } from './signals.mjs'
import { findToolchain } from './toolchain.mjs'
import { endTools } from './tool-run.mjs'
import { NEXT, WEB_SERVER, buildWeb, prepareWeb } from './web-build.mjs'

const say = (message) => console.error(message)

/** Installs and builds what has changed, and runs nothing. */
export const build = async () => {
  const toolchain = findToolchain(say, { needsPnpm: !isInstalled() })
  const env = cleanEnvironment(toolchain.binFolders)
  await install(toolchain, env, say)
  await buildWeb(toolchain, env, say)
}

/**
 * `npm start` and `npm run dev`: the whole product in the foreground, until a signal. What can be wrong on this machine is
 * found out first, before anything is fetched or built.
 *
 * @param {'start' | 'dev'} mode
 */
export const serve = async (mode) => {
  const settings = productSettings()
  const address = `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${settings.port}`
  openDataFolder(settings.dataFolder)
  const release = lockDataFolder(settings.dataFolder, address)
  process.once('exit', release)
  await needFreePort(settings)

  let product
  let stopped = false
  const stop = () => {
    stopped = true
    say('\nStopping …')
    endTools()
    if (product === undefined) process.exit(0)
    product.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  const kill = () => {
    product?.killNow()
    process.exit(1)
  }
  onStopSignals(stop, kill)
  // Started by a program that keeps a channel to it, such as a test run: it ends with that program.
  process.once('disconnect', stop)

  const toolchain = findToolchain(say, { needsPnpm: !isInstalled() })
  const env = {
    ...cleanEnvironment(toolchain.binFolders),
    QUARRY_DATA: settings.dataFolder,
    HOSTNAME: settings.host,
    PORT: String(settings.port),
    NODE_ENV: mode === 'dev' ? 'development' : 'production',
  }
  await install(toolchain, env, say)
  if (mode === 'start') await buildWeb(toolchain, env, say)
  else await prepareWeb(toolchain, env)

  product = createProduct({ node: toolchain.node, env, settings, say, ...entryOf(mode, settings) })
  try {
    await product.start()
  } catch (error) {
    if (stopped) return
    await product.stop()
    throw error
  }
  if (!stopped) announce(address, settings.dataFolder, mode)
}

const entryOf = (mode, settings) => {
  if (mode === 'dev') {
    const args = [NEXT, 'dev', '--hostname', settings.host, '--port', String(settings.port)]
    return { web: { args, cwd: WEB }, workerFlags: ['--watch', '--watch-preserve-output'] }
  }
  const own = path.join(WEB, 'server.ts')
  return { web: existsSync(own) ? { args: [own], cwd: WEB } : { args: [WEB_SERVER], cwd: path.dirname(WEB_SERVER) } }
}

const announce = (address, dataFolder, mode) => {
  const credentials = readCredentials(dataFolder)
  const shown = path.relative(ROOT, dataFolder).startsWith('..') ? dataFolder : path.relative(ROOT, dataFolder)
  const lines = ['', `Quarry is ready at ${address}${mode === 'dev' ? ' and reloads when you change its sources' : ''}`]
  if (credentials !== undefined) {
    lines.push(`  Sign in as ${credentials.email} with the password ${credentials.password}`)
    lines.push(`  (kept in ${path.join(shown, 'credentials.json')}, with the key that \`npm run -s quarry\` uses)`)
  }
  lines.push(`  Logs are in ${path.join(shown, 'logs')}. Ctrl-C stops it.`)
  console.log(lines.join('\n'))
}
