import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../scripts/services/free-port.mjs'
import { preparePostgresBinaries } from '../../scripts/services/postgres-installation.mjs'
import { startCluster } from '../../scripts/test/postgres-cluster.mjs'

const run = promisify(execFile)
/** A cold start without compiled code, on a machine with other things to do. */
const READY_MS = 90_000
const STOP_MS = 35_000
/** The account of the images. */
const NODE_USER = 1000

const ended = (child) => new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))

/** Follows what a process says; the last of it is the reason when it fails. */
const follow = (child) => {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said = (said + part).slice(-20_000)))
  return () => said.trim().split('\n').slice(-15).join('\n')
}

const until = async (what, ms, look) => {
  const deadline = Date.now() + ms
  for (let last = ''; ;) {
    last = await look().then(
      (found) => (found === true ? '' : String(found)),
      (error) => error.message,
    )
    if (last === '') return
    if (Date.now() > deadline) throw new Error(`${what} did not come about: ${last}`)
    await pause(250)
  }
}

const answers = (url) => async () => {
  const response = await fetch(url)
  return response.ok ? true : `${response.status} ${await response.text()}`
}

const ownFolder = (folder) => {
  mkdirSync(folder, { recursive: true })
  chownSync(folder, NODE_USER, NODE_USER)
  chmodSync(folder, 0o700)
  return folder
}

const takeOver = (folder) => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    chownSync(path.join(entry.parentPath, entry.name), NODE_USER, NODE_USER)
}

/**
 * Starts what the images start, against a PostgreSQL of its own: migrates, asks for health, has a file read, and stops.
 *
 * @param {Record<'web' | 'worker', ReturnType<typeof import('./image.mjs').walk>[string]>} images
 */
export const runImages = async ({ web, worker }, { root, folder, say }) => {
  // Its own, whoever else runs: it gives the role `login` another password.
  const postgres = await startCluster(await preparePostgresBinaries(say))
  const children = []
  const start = (image, name, options) => {
    const child = image.start(options)
    children.push(child)
    return { child, name, said: follow(child), ended: ended(child) }
  }
  try {
    const password = randomBytes(12).toString('hex')
    const login = new URL(postgres.url)
    Object.assign(login, { username: 'login', password })
    const blobs = ownFolder(path.join(folder, 'blobs'))
    const data = (name) => ({ from: ownFolder(path.join(folder, `data-${name}`)), to: '/data' })
    const mounts = (name) => [data(name), { from: blobs, to: '/blobs' }]
    const [port, metrics, workerMetrics] = [await freePort(), await freePort(), await freePort()]
    const env = {
      DATABASE_URL: login.href,
      AUTH_SECRET: randomBytes(24).toString('hex'),
      BLOB_URL: 'file:///blobs',
      HOSTNAME: '127.0.0.1',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
    }
    const migrate = start(worker, 'migrate', {
      argv: ['node', 'packages/db/src/migrate-main.ts'],
      env: { ...env, DATABASE_OWNER_URL: postgres.url },
      mounts: mounts('migrate'),
    })
    const code = await migrate.ended
    if (code !== 0) throw new Error(`migrate ended with ${code}:\n${migrate.said()}`)
    say('migrated')
    await setPassword(root, postgres.url, password)

    // An account with a key, as the first start on a laptop makes it; its samples are work for the worker.
    const own = path.join(folder, 'checkout-data')
    const settings = { ...process.env, ...env, BLOB_URL: `file://${blobs}`, QUARRY_DATA: own, PORT: String(port) }
    await run(process.execPath, [path.join(root, 'apps/web/src/server/provision-main.ts')], { env: settings })
    takeOver(blobs)

    const running = [
      start(web, 'web', { env: { ...env, PORT: String(port), METRICS_PORT: String(metrics) }, mounts: mounts('web') }),
      start(worker, 'worker', { env: { ...env, METRICS_PORT: String(workerMetrics) }, mounts: mounts('worker') }),
    ]
    const alive = (look) =>
      Promise.race([
        look,
        ...running.map(async ({ name, said, ended }) => {
          throw new Error(`${name} ended with ${await ended}:\n${said()}`)
        }),
      ])
    for (const part of ['live', 'ready']) {
      await alive(until(`/api/health/${part}`, READY_MS, answers(`http://127.0.0.1:${port}/api/health/${part}`)))
      say(`web answers /api/health/${part}`)
    }
    await healthchecks({ web, worker }, { port, workerMetrics, env, say })
    await samePageAndAnswer(`http://127.0.0.1:${port}`)
    say('page and API say the same build')

    const file = path.join(folder, 'walk.md')
    writeFileSync(file, '# Walking\n\nThe Skylark walks at four knots through the images.\n')
    const credentials = JSON.parse(readFileSync(path.join(own, 'credentials.json'), 'utf8'))
    const key = credentials.apiKey ?? credentials.key
    const cli = (...args) =>
      run(process.execPath, [path.join(root, 'apps/cli/src/main.ts'), ...args], {
        env: { ...process.env, QUARRY_URL: `http://127.0.0.1:${port}`, QUARRY_API_KEY: key, QUARRY_DATA: own },
      })
    await alive(cli('ingest', file, '--wait', '--json'))
    const { stdout } = await alive(cli('search', 'Skylark knots', '--json'))
    if (!stdout.includes('walk.md')) throw new Error(`what was uploaded is not found: ${stdout}`)
    say('a file went through them: uploaded, read by the worker, found')

    for (const { child, name, said, ended } of running) {
      child.kill('SIGTERM')
      const how = await Promise.race([ended, pause(STOP_MS, 'still there', { ref: false })])
      if (how !== 0) throw new Error(`${name} at SIGTERM: ${how}\n${said()}`)
      say(`${name} ended in order`)
    }
  } catch (error) {
    throw new Error(`${error.message}${error.stderr ? `\n${error.stderr}` : ''}`, { cause: error })
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
    await postgres.stop()
  }
}

const setPassword = async (root, url, password) => {
  const { default: postgres } = await import(path.join(root, 'packages/db/node_modules/postgres/src/index.js'))
  const sql = postgres(url, { max: 1 })
  await sql.unsafe(`alter role login password '${password}'`)
  await sql.end()
}

/** A page compares the build that it came from with that of each answer. */
const samePageAndAnswer = async (url) => {
  const page = /data-build="([^"]+)"/.exec(await (await fetch(`${url}/sign-in`)).text())?.[1]
  const answer = (await fetch(`${url}/api/trpc/session.me`)).headers.get('x-quarry-build')
  if (page === undefined || page !== answer) throw new Error(`the page says build ${page}, the API ${answer}`)
}

/** What HEALTHCHECK would run, inside the images. */
const healthchecks = async (images, { port, workerMetrics, env, say }) => {
  for (const [name, image] of Object.entries(images)) {
    const ports = { PORT: String(port), METRICS_PORT: String(workerMetrics) }
    await until(`the health check of ${name}`, READY_MS, async () => {
      const child = image.start({ argv: image.healthcheck, env: { ...env, ...ports } })
      const said = follow(child)
      return (await ended(child)) === 0 ? true : said()
    })
    say(`the health check of ${name} is content`)
  }
}
