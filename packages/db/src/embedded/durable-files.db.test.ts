import fs, { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDurable } from './durable-files.ts'

test('every commit that wrote something is synced to the disk, and only those', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-durable-'))
  const db = await openDurable(folder)
  onTestFinished(async () => {
    await db.close()
    rmSync(folder, { recursive: true })
  })
  await db.exec('create table t (a int)')
  const synced = vi.spyOn(fs, 'fsyncSync')
  await db.query('select * from t')
  expect(synced).not.toHaveBeenCalled()
  for (let i = 1; i <= 3; i++) {
    await db.query('insert into t values (1)')
    expect(synced).toHaveBeenCalledTimes(i)
  }
})
