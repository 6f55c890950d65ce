import { randomBytes } from 'node:crypto'
import { command, mustRun } from '../services/command.mjs'

/** pgvector's own image: the oldest version of PostgreSQL that production runs. */
const IMAGE = 'pgvector/pgvector:0.8.2-pg17'
const PROBE_TIMEOUT_MS = 5_000
const START_TIMEOUT_MS = 240_000

/** Whether a Docker engine answers; the client alone is not enough. */
export const dockerAnswers = async () => (await command('docker', ['info'], { timeoutMs: PROBE_TIMEOUT_MS })).code === 0

/**
 * Starts PostgreSQL with pgvector in a container that removes itself, on a private port of 127.0.0.1.
 *
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} url of the superuser
 */
export const startContainer = async () => {
  const password = randomBytes(18).toString('base64url')
  const run = [
    'run',
    '--detach',
    '--rm',
    '--publish',
    '127.0.0.1:0:5432',
    '--tmpfs',
    '/var/lib/postgresql/data',
    '--env',
    'POSTGRES_PASSWORD',
  ]
  const server = [
    '-c',
    'fsync=off',
    '-c',
    'synchronous_commit=off',
    '-c',
    'full_page_writes=off',
    '-c',
    'max_connections=200',
  ]
  const { stdout } = await mustRun('docker', [...run, IMAGE, ...server], {
    env: { ...process.env, POSTGRES_PASSWORD: password },
    timeoutMs: START_TIMEOUT_MS,
  })
  const id = stdout.trim().split('\n').at(-1)
  const stop = async () => void (await command('docker', ['rm', '--force', id]))
  try {
    // Over TCP: while the image sets itself up, the server listens on its socket only.
    const wait = 'until pg_isready -q -h 127.0.0.1 -U postgres; do sleep 0.2; done'
    await mustRun('docker', ['exec', id, 'sh', '-c', wait], { timeoutMs: START_TIMEOUT_MS })
    const port = (await mustRun('docker', ['port', id, '5432/tcp'])).stdout.trim().split('\n')[0].split(':').at(-1)
    return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
