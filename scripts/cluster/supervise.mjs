import { isIP } from 'node:net'
import path from 'node:path'
import { BootFailure } from '../boot/failure.mjs'
import { ROOT } from '../boot/paths.mjs'
import { needFreePort } from '../boot/port.mjs'
import { readCredentials } from '../boot/product.mjs'
import { onStopSignals } from '../boot/signals.mjs'
import { buildWeb } from '../boot/web-build.mjs'
import { freePort } from '../services/free-port.mjs'
import { openBuild } from './build.mjs'
import { createCluster } from './cluster.mjs'
import { listenForCommands } from './control.mjs'
import { outliveLeftovers } from './leftovers.mjs'
import { ownNginx } from './own-nginx.mjs'
import { ownPostgres } from './own-postgres.mjs'
import { ownRedis } from './own-redis.mjs'
import { keptSecret, openStateFolder, readJson, removeQuietly, writePrivately } from './state-folder.mjs'

/** As packages/config has it. */
const METRICS_PORT = 9090

const say = (message) => console.error(message)

/**
 * Starts the cluster and keeps it in the foreground until a signal, or `stop`. What can be wrong on this machine is found
 * out first.
 *
 * @param {ReturnType<typeof import('./options.mjs').readArguments>} options
 */
export const supervise = async (options) => {
  if (isIP(options.host) === 0) throw new BootFailure(`--host must be an address, not ${options.host}.`)
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host
  const address = `${options.tls === undefined ? 'http' : 'https'}://${shown}:${options.port}`
  const { places, release } = openStateFolder(options.folder, address)
  process.once('exit', release)
  let cluster
  let stopped
  const end = async () => {
    say('Stopping …')
    await cluster?.stop()
    removeQuietly(places.processes)
  }
  const stop = () => (stopped ??= end())
  const leave = () =>
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  const kill = () => {
    cluster?.killNow()
    process.exit(1)
  }
  onStopSignals(leave, kill)
  process.once('disconnect', leave)

  await outliveLeftovers(places, say)
  await needFreePort(options)
  const parts = await prepare(options, places)
  cluster = createCluster({ ...parts, places, address, say, sizes: { web: options.replicas, worker: options.workers } })
  const control = await listenForCommands(places.socket, {
    status: async () => cluster.view(),
    scale: ({ sizes }, tell) => cluster.scale(sizes, tell),
    roll: ({ build }, tell) => cluster.roll(build, tell),
    stop: async () => {
      await stop()
      // The answer goes out first.
      setImmediate(() => setImmediate(() => process.exit(0)))
    },
  })
  process.once('exit', () => removeQuietly(places.socket))
  try {
    await cluster.start()
  } catch (error) {
    // It was told to stop meanwhile, which is no failure.
    if (stopped !== undefined) return
    await cluster.stop()
    control.close()
    if (!(error instanceof BootFailure)) throw error
    throw new BootFailure(`The cluster could not start: ${error.message}`)
  }
  if (stopped === undefined) announce(address, places, options)
}

/** What is started and how, and everything that can be missing on this machine. */
const prepare = async (options, places) => {
  const settings = readSettings(places.settings)
  const ports = {
    postgres: settings.postgresPort ?? (await freePort()),
    redis: settings.redisPort ?? (await freePort()),
  }
  writePrivately(places.settings, JSON.stringify({ ...settings, postgresPort: ports.postgres, redisPort: ports.redis }))
  const secret = (name) => keptSecret(path.join(places.folder, `${name}-password`))
  const nginx = await ownNginx({ folder: places.nginx, host: options.host, port: options.port, tls: options.tls })
  const redis = process.env.REDIS_URL
    ? undefined
    : await ownRedis({ folder: places.redis, port: ports.redis, password: secret('redis') })
  const ownerPassword = secret('owner')
  const passwords = { ownerPassword, loginPassword: secret('login') }
  const postgres = process.env.DATABASE_URL
    ? undefined
    : await ownPostgres({ folder: places.postgres, port: ports.postgres, ...passwords }, say)
  if (options.build === undefined) await buildWeb({ node: process.execPath }, process.env, say)
  const build = openBuild(options.build ?? ROOT)
  const metricsPort = Number(process.env.METRICS_PORT || METRICS_PORT)
  const environment = environmentOf(options, places, {
    ...postgres?.urls,
    ...redis?.urls,
    METRICS_PORT: String(metricsPort),
  })
  return { build, environment, postgres, redis, nginx, metricsPort }
}

const environmentOf = (options, places, own) => {
  const shown = options.host.includes(':') ? `[${options.host}]` : options.host
  const address = `${options.tls === undefined ? 'http' : 'https'}://${shown}:${options.port}`
  const { INIT_CWD: _, ...inherited } = process.env
  const all = {
    ...inherited,
    ...own,
    NODE_ENV: 'production',
    QUARRY_DATA: places.data,
    PUBLIC_URL: process.env.PUBLIC_URL || address,
    AUTH_SECRET: process.env.AUTH_SECRET || keptSecret(path.join(places.data, 'auth-secret')),
    // The balancer, which says who the caller is.
    TRUSTED_PROXIES: '1',
    // A little longer than the balancer keeps a connection that it does not use.
    DRAIN_DELAY_MS: process.env.DRAIN_DELAY_MS || '2500',
  }
  return ({ web, worker }) => ({ ...all, WEB_REPLICAS: String(web), WORKER_REPLICAS: String(worker) })
}

const readSettings = (file) => {
  try {
    return readJson(file) ?? {}
  } catch {
    throw new BootFailure(`${file} is damaged. Delete it, and start again.`)
  }
}

const announce = (address, places, { folder }) => {
  const credentials = readCredentials(places.data)
  const short = path.relative(ROOT, folder).startsWith('..') ? folder : path.relative(ROOT, folder)
  const lines = ['', `Quarry is ready at ${address}`]
  if (credentials !== undefined) {
    lines.push(`  Sign in as ${credentials.email} with the password ${credentials.password}`)
    lines.push(
      `  (kept in ${path.join(short, 'data', 'credentials.json')}; for the command line set QUARRY_DATA=${path.join(short, 'data')})`,
    )
  }
  lines.push('  See it with `npm run -s cluster -- status`. Ctrl-C stops it.')
  console.log(lines.join('\n'))
}
