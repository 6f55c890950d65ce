import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'

/** Minutes pass by the clock on the wall. */
const FOUR_MINUTES = 240_000
const MAIN = path.join(import.meta.dirname, 'main.ts')

let db: TestDatabase
let folder: string
const children: ChildProcess[] = []
beforeAll(async () => {
  db = await createTestDatabase()
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-clock-'))
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})
afterAll(async () => {
  await db.close()
  rmSync(folder, { recursive: true })
})

const startProcess = async (): Promise<ChildProcess> => {
  if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const child = fork(MAIN, {
    env: {
      ...{ PATH: process.env['PATH'], NODE_ENV: 'production', QUARRY_DATA: folder, DATABASE_URL: db.adapter.url },
      ...{ AUTH_SECRET: 'x'.repeat(32), EMBEDDING_MODEL: 'off', LOG_LEVEL: 'error' },
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  await once(child, 'message')
  return child
}

test(
  'three workers do what is due once a minute, and the others go on when one dies',
  async () => {
    const [killed] = await Promise.all([startProcess(), startProcess(), startProcess()])
    const minutes = async () =>
      (
        await db.owner.unsafe<{ minute: string }[]>(
          `select date_trunc('minute', started_at)::text as minute from cron_run where name = 'reconcile' order by created_at`,
        )
      ).map(({ minute }) => minute)
    await vi.waitUntil(async () => (await minutes()).length > 0, { timeout: 90_000, interval: 200 })
    killed?.kill('SIGKILL')
    const before = (await minutes()).length
    await vi.waitUntil(async () => (await minutes()).length > before + 1, { timeout: 150_000, interval: 200 })
    const all = await minutes()
    expect(new Set(all).size).toBe(all.length)
  },
  FOUR_MINUTES,
)
