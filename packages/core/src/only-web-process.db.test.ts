import { setTimeout as pause } from 'node:timers/promises'
import { createLogger } from '@quarry/observability'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { beOnlyWebProcess, SecondWebProcess } from './only-web-process.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const logger = createLogger({ name: 'test', level: 'silent' })
const become = (
  processId: string,
  { onLost = () => {}, graceMs = 10_000 }: { onLost?: () => void; graceMs?: number } = {},
) => beOnlyWebProcess({ database: db.database, processId, logger, onLost, graceMs })
const over = Promise.resolve()

test('a second web process is refused while the first one lives, and let in when that has ended', async () => {
  const end = await become('first')
  await expect(become('second')).rejects.toThrow(SecondWebProcess)
  await expect(become('second')).rejects.toThrow(/Stop that one; or set REDIS_URL/)
  // It still finishes what it has begun: nobody comes in before that, and its lease is not renewed any more.
  let finish = (): void => undefined
  const ended = end(new Promise<void>((resolve) => (finish = resolve)))
  const third = become('third')
  // Long enough for two looks of the one who waits.
  expect(await Promise.race([third.then(() => 'in'), pause(1200, 'waiting')])).toBe('waiting')
  finish()
  await ended
  await (
    await third
  )(over)
})

test('the lease of a process that crashed runs out, and the next one takes it', async () => {
  await db.owner`insert into process_lease (name, holder, host, seen_at) values ('web', 'dead', 'h', now() - interval '9 seconds')`
  await (
    await become('next')
  )(over)
  expect(await db.owner`select * from process_lease`).toEqual([])
})

test('a process that stood still for too long hears that another one has taken over', async () => {
  const lost = vi.fn<() => void>()
  const end = await become('asleep', { onLost: lost })
  await db.owner`update process_lease set holder = 'awake'`
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce(), { timeout: 10_000 })
  await end(over)
  // The other one's lease is left alone.
  expect(await db.owner`select holder from process_lease`).toEqual([{ holder: 'awake' }])
  await db.owner`delete from process_lease`
})

test('a database that is away refuses nobody, and the lease is taken when it is back', async () => {
  let away = true
  const database = {
    system: ((fn, options) =>
      away ? Promise.reject(new Error('away')) : db.database.system(fn, options)) as typeof db.database.system,
  }
  const end = await beOnlyWebProcess({ database, processId: 'patient', logger, onLost: () => {} })
  away = false
  await vi.waitFor(
    async () => expect(await db.owner`select holder from process_lease`).toEqual([{ holder: 'patient' }]),
    {
      timeout: 10_000,
    },
  )
  await end(over)
})
