import { existsSync } from 'node:fs'
import { isRoot } from '../services/cache-folder.mjs'
import { command, has, mustRun } from '../services/command.mjs'

const INSTALL_TIMEOUT_MS = 300_000
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The path of a Chromium for the browser tests: CHROMIUM_PATH, an installed one, Playwright's own, else apt's.
 *
 * @param {(message: string) => void} say where long steps are announced
 * @throws an Error whose message says what to install
 */
export const findChromium = async (say) => {
  const given = process.env.CHROMIUM_PATH
  if (given !== undefined && given !== '') {
    if (existsSync(given)) return given
    throw new Error(`CHROMIUM_PATH names ${given}, which is not there`)
  }
  return (await installed()) ?? (await playwrightsOwn()) ?? (await fromApt(say))
}

const installed = async () => {
  for (const name of NAMES) {
    const { code, stdout } = await command('sh', ['-c', `command -v ${name}`])
    if (code === 0) return stdout.trim()
  }
  const mac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'
  return existsSync(mac) ? mac : undefined
}

const playwrightsOwn = async () => {
  const { chromium } = await import('@playwright/test')
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined
}

const fromApt = async (say) => {
  const advice = 'install chromium, or set CHROMIUM_PATH to a Chrome or Chromium'
  if (!isRoot || !(await has('apt-get'))) throw new Error(advice)
  say('installing Chromium with apt')
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: INSTALL_TIMEOUT_MS }
  await command('apt-get', ['update', '-q'], options)
  try {
    // A font too: without any, every letter is an empty box, and nothing has a width.
    await mustRun(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
      options,
    )
  } catch (error) {
    throw new Error(`${advice}: ${error.message.split('\n').at(-1)}`, { cause: error })
  }
  const found = await installed()
  if (found === undefined) throw new Error(advice)
  return found
}
