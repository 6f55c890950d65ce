import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const MAIN = path.join(import.meta.dirname, '..', '..', 'apps', 'worker', 'src', 'main.ts')

/**
 * A worker process as the product starts it.
 *
 * @param {Record<string, string>} env
 * @returns {Promise<{ pid: number, exited: Promise<unknown>, kill: () => void, stop: () => Promise<void> }>} once it takes jobs
 */
export const startWorkerProcess = async (env) => {
  const child = fork(MAIN, [], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE === undefined ? 'ignore' : 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const said = await Promise.race([once(child, 'message'), exited.then(() => null)])
  if (said === null) throw new Error('a worker ended while it started')
  return {
    pid: child.pid,
    exited,
    kill: () => child.kill('SIGKILL'),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await exited
    },
  }
}

/** @param {import('../../packages/db/src/testing/index.ts').TestDatabase} db */
export const workerEnvironment = (db, dataFolder, more = {}) => ({
  ...{ QUARRY_DATA: dataFolder, DATABASE_URL: db.adapter.url, DATABASE_OWNER_URL: db.adapter.ownerUrl ?? '' },
  ...{
    EMBEDDING_MODEL: 'off',
    LOG_LEVEL: 'warn',
    PARSE_PROCESSES: '1',
    AUTH_SECRET: 'a secret of the benchmark, long enough',
  },
  ...more,
})
