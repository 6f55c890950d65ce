import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { VARIABLES } from '../../packages/config/src/variables.ts'
import { ROOT } from '../boot/paths.mjs'
import { freePort } from '../services/free-port.mjs'

/** Includes a cold build of the web application. */
const START_TIMEOUT_MS = 300_000
/** Boot gives its children 10 s, web and worker before the database. */
const STOP_TIMEOUT_MS = 25_000

/**
 * Starts the whole product as `npm start` does, with data of its own on a free port.
 *
 * @param {Record<string, string>} [settings] environment of the product
 * @returns {Promise<{ url: string, dataFolder: string, stop: () => Promise<void> }>}
 * @throws an Error with what the product said when it did not start
 */
export const startProduct = async (settings = {}) => {
  const dataFolder = mkdtempSync(path.join(tmpdir(), 'quarry-test-data-'))
  const port = await freePort()
  // What a developer has set for his own product must not reach the one under test.
  const kept = Object.entries(process.env).filter(([name]) => !Object.hasOwn(VARIABLES, name))
  const env = { ...Object.fromEntries(kept), QUARRY_DATA: dataFolder, PORT: String(port), ...settings }
  const boot = spawn(process.execPath, [path.join(ROOT, 'scripts', 'boot.mjs'), 'start'], {
    cwd: ROOT,
    env,
    // The channel ends the product with this run, however that ends.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const said = []
  const ended = new Promise((resolve) => boot.once('exit', resolve))
  const stop = async () => {
    boot.kill('SIGTERM')
    const timer = setTimeout(() => boot.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
    rmSync(dataFolder, { recursive: true, force: true })
  }
  const ready = new Promise((resolve, reject) => {
    const listen = (part) => {
      said.push(String(part))
      if (said.join('').includes('Quarry is ready at')) resolve()
    }
    boot.stdout.on('data', listen)
    boot.stderr.on('data', listen)
    boot.once('error', reject)
    boot.once('exit', (code) => reject(new Error(`the product ended with code ${code}:\n${said.join('')}`)))
    setTimeout(
      () => reject(new Error(`the product was not ready in time:\n${said.join('')}`)),
      START_TIMEOUT_MS,
    ).unref()
  })
  try {
    await ready
  } catch (error) {
    await stop()
    throw error
  }
  return { url: `http://127.0.0.1:${port}`, dataFolder, stop, logs: () => productLogs(dataFolder, said) }
}

/** What boot showed and what web and worker wrote last: shown when browser tests fail. */
const productLogs = (dataFolder, said) =>
  ['web', 'worker', 'pglite']
    .map((name) => {
      try {
        return `--- ${name}.log\n${readFileSync(path.join(dataFolder, 'logs', `${name}.log`), 'utf8').slice(-4000)}`
      } catch {
        return ''
      }
    })
    .concat(`--- terminal\n${said.join('').slice(-4000)}`)
    .join('\n')
