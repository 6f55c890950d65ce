import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { seedInstallation, type SeededInstallation } from './testing/seeded-installation.ts'
import { runTransferCommand, startTransfer } from './testing/transfer-command.ts'

const KILLS = 30
/** A whole move takes a few seconds, half of which its process needs to start. */
const LONGEST_MS = 6_000
/** How often the source is started and added up in between. */
const LOOK_EVERY = 5

test(`moves that are killed ${KILLS} times at random end right, and leave their source as it was`, async () => {
  const source = await seedInstallation()
  onTestFinished(() => source.database.close())
  const before = await sumOf(source)
  let kills = 0
  while (kills < KILLS) kills += await moveUnderKills(source, before, KILLS - kills)
  expect(kills).toBe(KILLS)
  expect(await sumOf(source)).toEqual(before)
})

const sumOf = async ({ dataDir }: SeededInstallation) => {
  const { tables, blobs } = await runTransferCommand(['backup', '--dry-run'], { QUARRY_DATA: dataDir })
  return { tables, files: blobs.count }
}
type Sum = Awaited<ReturnType<typeof sumOf>>

/** Moves into a new database, killed at most so often on the way. Returns how often it was. */
const moveUnderKills = async (source: SeededInstallation, before: Sum, mostKills: number): Promise<number> => {
  const target = await createTestDatabase()
  const files = mkdtempSync(join(tmpdir(), 'quarry-moved-'))
  try {
    const env = { QUARRY_DATA: source.dataDir }
    let kills = 0
    while (kills < mostKills) {
      const running = startTransfer(['move', ...(await argumentsFor(target, files))], env)
      const code = await Promise.race([
        running.ended.then((ended) => ended.code),
        pause(Math.random() * LONGEST_MS).then(async () => {
          running.kill()
          return (await running.ended).code
        }),
      ])
      // It was faster than the kill: the next one moves into another database.
      if (code === 0) return kills
      expect(code).toBeNull()
      kills += 1
      if (await isComplete(target)) return kills
      if (kills % LOOK_EVERY === 0) expect(await sumOf(source)).toEqual(before)
    }
    const moved = await runTransferCommand(['move', ...(await argumentsFor(target, files))], env)
    expect({ tables: moved.tables, files: moved.blobs.count }).toEqual(before)
    return kills
  } finally {
    await target.close()
    rmSync(files, { recursive: true })
  }
}

const argumentsFor = async (target: TestDatabase, files: string): Promise<string[]> => {
  const { adapter } = target
  if (adapter.kind !== 'postgres' || adapter.ownerUrl === null) throw new Error('needs PostgreSQL')
  const resume = (await isUnfinished(target)) ? ['--resume'] : []
  return ['--to', adapter.url, '--owner-url', adapter.ownerUrl, '--blobs', `file://${files}`, ...resume]
}

const isUnfinished = async ({ owner }: TestDatabase): Promise<boolean> =>
  (await owner.unsafe(`select 1 from pg_namespace where nspname = 'quarry_transfer'`)).length > 0

/** Killed after its work, before it could say so. */
const isComplete = async (target: TestDatabase): Promise<boolean> =>
  !(await isUnfinished(target)) && (await target.owner.unsafe('select 1 from auth.organization')).length > 0
