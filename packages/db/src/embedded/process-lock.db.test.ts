import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test, vi } from 'vitest'
import { startEmbedded } from './index.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
const begin = (folder: string): ChildProcess =>
  fork(MAIN, { env: { QUARRY_DATA: folder }, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })

test('of several that start at once on one folder, one serves', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  const started = await Promise.allSettled([1, 2, 3].map(() => startEmbedded(folder)))
  const serving = started.filter((one) => one.status === 'fulfilled')
  const refused = started.filter((one) => one.status === 'rejected')
  expect(serving).toHaveLength(1)
  for (const { reason } of refused) expect(String(reason)).toContain('another database already serves')
  await serving[0]!.value.stop()
  expect(existsSync(join(folder, 'database.pid'))).toBe(false)
})

test('a process that is still starting ends when its parent is gone', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  const child = begin(folder)
  await vi.waitUntil(() => existsSync(join(folder, 'database.pid')), { timeout: 30_000, interval: 2 })
  child.disconnect()
  expect((await once(child, 'exit'))[0]).not.toBeNull()
})

test('the lock of a dead process, or of another program, is taken over', { timeout: 60_000 }, async () => {
  const folder = newFolder()
  const first = await startEmbedded(folder)
  const pid = readFileSync(join(folder, 'database.pid'), 'utf8')
  await first.kill()
  expect(readFileSync(join(folder, 'database.pid'), 'utf8')).toBe(pid)
  const second = await startEmbedded(folder)
  await second.stop()
  writeFileSync(join(folder, 'database.pid'), String(process.pid))
  const third = await startEmbedded(folder)
  await third.stop()
})
