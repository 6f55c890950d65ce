import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAdapters, VARIABLES } from '../../packages/config/src/index.ts'
import { freePort } from '../../scripts/services/free-port.mjs'
import { freeRange } from '../../tests/fixtures/prometheus/free-range.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'scripts', 'cluster', 'main.mjs')
const AUTH_SECRET = 'a secret of the load test, long enough for that'
/** Database, migration and processes; on a machine that builds meanwhile. */
const READY_MS = 300_000

/** What a developer's shell sets must not decide about a measurement. */
const cleanEnvironment = () => {
  const env = { ...process.env, NO_COLOR: '1' }
  for (const name of Object.keys(VARIABLES)) delete env[name]
  return env
}

/**
 * The cluster of `npm run cluster` in a folder of its own, which goes with it.
 *
 * @param {{ replicas: number, workers: number, build?: string, env: Record<string, string>, say: (line: string) => void }} options
 */
export const startCluster = async ({ replicas, workers, build, env: extra, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-load-'))
  const port = await freePort()
  const args = ['--data', folder, '--port', String(port), '--replicas', String(replicas), '--workers', String(workers)]
  if (build !== undefined) args.push('--build', build)
  // Each process listens on its own, and one more of them is there while one is replaced.
  const metricsPort = await freeRange(replicas + workers + 1)
  const own = { AUTH_SECRET, QUARRY_PROVISION: 'false', METRICS_PORT: String(metricsPort), LOG_LEVEL: 'warn' }
  const child = fork(MAIN, args, {
    env: { ...cleanEnvironment(), ...own, ...extra },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const ended = once(child, 'exit')
  let output = ''
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  const ready = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the cluster is not ready:\n${output}`)), READY_MS)
    const hear = (piece) => {
      output += piece
      if (!output.includes('Quarry is ready at')) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', (piece) => {
      hear(piece)
      say(`cluster: ${String(piece).trim()}`)
    })
    void ended.then(() => reject(new Error(`the cluster did not start:\n${output}`)))
  })
  try {
    await ready
  } catch (error) {
    await stop()
    throw error
  }
  const read = (name) => readFileSync(join(folder, name), 'utf8').trim()
  const { postgresPort } = JSON.parse(read('settings.json'))
  const address = (user) =>
    `postgres://${user}:${read(`${user === 'login' ? 'login' : 'owner'}-password`)}@127.0.0.1:${postgresPort}/quarry`
  return {
    folder,
    url: `http://127.0.0.1:${port}`,
    authSecret: AUTH_SECRET,
    adapter: readAdapters({
      DATABASE_URL: address('login'),
      DATABASE_OWNER_URL: address('postgres'),
      QUARRY_DATA: folder,
    }).database,
    /** Its processes at the moment. @returns {{ name: string, pid: number }[]} */
    processes: () => JSON.parse(read('processes.json')),
    /** Where the metrics of its processes are. @returns {{ name: string, url: string }[]} */
    metrics: () =>
      JSON.parse(read('targets.json')).map(({ targets, labels }) => ({
        ...{ name: labels.process, url: `http://${targets[0]}/metrics` },
      })),
    stop,
  }
}
