import { existsSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { openChildLog } from './child-log.mjs'
import { Child } from './child.mjs'
import { BootFailure } from './failure.mjs'
import { ROOT } from './paths.mjs'

/** The embedded database opens in 0.5 s, in 3 s the first time; a slow disk may need many times that. */
const DATABASE_TIMEOUT_MS = 60_000
/** A development server compiles its first page before it answers. */
const WEB_TIMEOUT_MS = 120_000
const WORKER_TIMEOUT_MS = 60_000
/** The web server needs 25 s at the latest to leave in order (apps/web/src/entry/drain.ts); idle it takes a moment. */
const WEB_GRACE_MS = 30_000
const READY_POLL_MS = 100

const PGLITE = 'packages/db/src/embedded/main.ts'
const MIGRATE = 'packages/db/src/migrate-main.ts'
const PROVISION = 'apps/web/src/server/provision-main.ts'
const WORKER = 'apps/worker/src/main.ts'

/**
 * The processes of the product on one data folder: database, migration, first workspace, then web and worker.
 *
 * @param {object} options
 * @param {string} options.node path of Node 24
 * @param {Record<string, string>} options.env for every process
 * @param {{ dataFolder: string, host: string, port: number, embeddedDatabase: boolean }} options.settings
 * @param {{ args: string[], cwd: string }} options.web how to run the web server
 * @param {string[]} [options.workerFlags] for Node, before the worker's file
 * @param {(message: string) => void} options.say
 */
export const createProduct = ({ node, env, settings, web, workerFlags = [], say }) => {
  const logs = path.join(settings.dataFolder, 'logs')
  /** In the order in which they were started. */
  const started = []
  let stopping = false

  const make = (name, args, { cwd = ROOT, graceMs } = {}) => {
    if (stopping) throw new BootFailure('stopped')
    const child = new Child({ name, node, args, cwd, env, graceMs }, openChildLog(logs, name, say), say)
    started.push(child)
    return child
  }
  const finish = async (name, file) => {
    const child = make(name, [file])
    const code = await child.runOnce()
    started.splice(started.indexOf(child), 1)
    if (code !== 0 && !stopping)
      throw failed(child, new Error(child.log.lastWords() ?? `${name} ended with code ${code}`))
  }
  const serve = async (child, options) => {
    try {
      await child.start(options)
    } catch (error) {
      throw failed(child, error)
    }
  }

  return {
    /** @throws BootFailure with one line that says which process did not start, why, and where its log is */
    async start() {
      if (settings.embeddedDatabase) await serve(make('pglite', [PGLITE]), { timeoutMs: DATABASE_TIMEOUT_MS })
      await finish('migrate', MIGRATE)
      // Where there is a workspace, provisioning only looks at it: a later start does not wait for that before the others.
      const provisioned = finish('provision', PROVISION)
      if (readCredentials(settings.dataFolder) === undefined) await provisioned
      const webReady = (signal) => waitUntilReady(settings, signal)
      await Promise.all([
        provisioned,
        serve(make('web', web.args, { cwd: web.cwd, graceMs: WEB_GRACE_MS }), {
          ready: webReady,
          timeoutMs: WEB_TIMEOUT_MS,
        }),
        serve(make('worker', [...workerFlags, WORKER]), { timeoutMs: WORKER_TIMEOUT_MS }),
      ])
    },
    /** Stops in reverse order; the database last, because the others finish their work with it. */
    async stop() {
      stopping = true
      const database = started.filter((child) => child.name === 'pglite')
      await Promise.all(started.filter((child) => child.name !== 'pglite').map((child) => child.stop()))
      await Promise.all(database.map((child) => child.stop()))
      await Promise.all(started.map((child) => child.log.close()))
    },
    killNow() {
      stopping = true
      for (const child of started) child.killNow()
    },
  }
}

const failed = (child, error) =>
  new BootFailure(`Quarry could not start: ${child.name}: ${error.message} (its log: ${child.log.file})`)

const waitUntilReady = async ({ host, port }, signal) => {
  const hostname = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  while (!signal.aborted) {
    if (await answersOk({ hostname, port })) return
    await pause(READY_POLL_MS)
  }
}

const answersOk = ({ hostname, port }) =>
  new Promise((resolve) => {
    const request = get({ hostname, port, path: '/api/health/ready', timeout: 30_000, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(false))
  })

/** What a person needs to sign in, or undefined where the workspace was not made here. */
export const readCredentials = (dataFolder) => {
  const file = path.join(dataFolder, 'credentials.json')
  try {
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
  } catch {
    return undefined
  }
}
