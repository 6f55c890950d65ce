import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createTestDatabase } from '@quarry/db/testing'
import { seedInstallation } from './testing/seeded-installation.ts'
import { runTransferCommand, startTransfer } from './testing/transfer-command.ts'

const KILLS = 30
/** A whole move takes a few seconds, half of which its process needs to start. */
const LONGEST_MS = 6_000

test(`a move that is killed ${KILLS} times at random ends right, and leaves its source as it was each time`, async () => {
  const source = await seedInstallation()
  const target = await createTestDatabase()
  const files = mkdtempSync(join(tmpdir(), 'quarry-moved-'))
  if (target.adapter.kind !== 'postgres' || target.adapter.ownerUrl === null) throw new Error('needs PostgreSQL')
  const env = { QUARRY_DATA: source.dataDir }
  const before = await runTransferCommand(['backup', '--dry-run'], env)
  const move = ['--to', target.adapter.url, '--owner-url', target.adapter.ownerUrl, '--blobs', `file://${files}`]
  const isUnfinished = async () =>
    (await target.owner.unsafe(`select 1 from pg_namespace where nspname = 'quarry_transfer'`)).length > 0
  let kills = 0
  for (let done = false; kills < KILLS && !done; kills++) {
    const args = ['move', ...move, ...((await isUnfinished()) ? ['--resume'] : [])]
    const running = startTransfer(args, env)
    const { code } = await Promise.race([
      running.ended,
      pause(Math.random() * LONGEST_MS).then(() => {
        running.kill()
        return running.ended
      }),
    ])
    done = code === 0
    if (kills % 5 === 0) expect((await runTransferCommand(['backup', '--dry-run'], env)).tables).toEqual(before.tables)
    // It ended before the kill: the next round moves into another empty database.
    if (done) break
    expect(code).toBeNull()
  }
  if ((await target.owner.unsafe('select 1 from auth.organization')).length === 0 || (await isUnfinished())) {
    const resume = (await isUnfinished()) ? ['--resume'] : []
    const moved = await runTransferCommand(['move', ...move, ...resume] as ['move'], env)
    expect(moved.tables).toEqual(before.tables)
    expect(moved.blobs.count).toBe(before.blobs.count)
  }
  expect(kills).toBeGreaterThan(2)
  await source.database.close()
  await target.close()
  rmSync(files, { recursive: true })
})
