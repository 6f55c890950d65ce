import { createLogger, createMetrics } from '@quarry/observability'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { startReporting } from './report.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
beforeEach(async () => {
  await db.owner.unsafe('delete from process_report')
})
afterAll(() => db.close())

const rows = () =>
  db.owner.unsafe<{ process: string; kind: string; index: number; figures: { requests: number }; started: boolean }[]>(
    'select process, kind, index, figures, started_at < at as started from process_report order by at',
  )

/** What was on its way when it was stopped has been written. */
const arrived = () =>
  expect.poll(() => db.database.stats(), { timeout: 20_000, interval: 5 }).toMatchObject({ lent: 0, waiting: 0 })

const start = (
  everyMs: number,
  database: Pick<TestDatabase['database'], 'system'> = db.database,
  processId = 'web-1',
) => {
  const lines: string[] = []
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    await arrived()
  })
  const metrics = createMetrics()
  const logger = createLogger({ name: 'test', level: 'warn', destination: { write: (line) => void lines.push(line) } })
  startReporting(
    { kind: 'web', index: 2 },
    { ...{ database, metrics, logger, everyMs }, processId, build: 'b1', stopped: stop.signal },
  )
  return { lines, stop, metrics }
}

it('says who it is and what it has done, at once and again, and nothing after it was stopped', async () => {
  const { stop, metrics, lines } = start(20)
  metrics.requestSeconds.observe({ procedure: 'documents.list', outcome: 'ok' }, 0.01)
  await expect.poll(async () => (await rows()).length, { timeout: 20_000 }).toBeGreaterThan(2)
  stop.abort()
  await arrived()
  const written = await rows()
  expect(written.at(-1)).toMatchObject({
    process: 'web-1',
    kind: 'web',
    index: 2,
    figures: { requests: 1 },
    started: true,
  })
  // While another one writes five times, one that was not stopped would write again.
  start(20, db.database, 'web-2')
  const of = async (name: string) => (await rows()).filter(({ process }) => process === name)
  await expect.poll(async () => (await of('web-2')).length, { timeout: 20_000 }).toBeGreaterThan(4)
  expect(await of('web-1')).toHaveLength(written.length)
  expect(lines).toEqual([])
})

it('a database that is away is told of once, asked more and more rarely, and again when it is back', async () => {
  let asked = 0
  let away = true
  const { lines } = start(10, {
    system: (fn, options) => {
      asked++
      return away ? Promise.reject(new Error('away')) : db.database.system(fn, options)
    },
  })
  await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(3)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('Operations')
  away = false
  await expect.poll(async () => (await rows()).length, { timeout: 20_000 }).toBeGreaterThan(1)
  expect(lines).toHaveLength(1)
})
