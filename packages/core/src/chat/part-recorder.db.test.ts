import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { AppError, messageId, runId, type RunEvent, type RunId } from '@quarry/contracts'
import { newId, type TenantDb } from '@quarry/db'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { PartRecorder, type RecorderOptions } from './part-recorder.ts'

let database: TestDatabase
let tenant: TestTenant
beforeAll(async () => {
  database = await createTestDatabase()
  tenant = await createTenant(database)
})
afterAll(() => database.close())

const newRun = async () => {
  const [conversation, message, run] = [newId(), messageId.parse(newId()), runId.parse(newId())]
  const owner = tenant.member.id
  await database.owner`insert into conversation (org_id, id, owner_id, title) values (${tenant.orgId}, ${conversation}, ${owner}, 'x')`
  await database.owner`insert into message (org_id, id, owner_id, conversation_id, role, state)
    values (${tenant.orgId}, ${message}, ${owner}, ${conversation}, 'assistant', 'streaming')`
  await database.owner`insert into run (org_id, id, owner_id, conversation_id, message_id, scope, lease_holder, heartbeat_at)
    values (${tenant.orgId}, ${run}, ${owner}, ${conversation}, ${message}, '{"collectionIds":null,"documentIds":null}', 'me', now())`
  return run
}
const text = (id: number, delta: string): RunEvent => ({ id, attempt: 1, type: 'text', delta })
const partsOf = async (run: string) => [
  ...(await database.owner`select ordinal, last_event_id::int as last, body ->> 'delta' as delta from run_part where run_id = ${run} order by ordinal`),
]
/** A database that does what it is asked, and whose first answer to it is lost. */
const losingOneAnswer = (tenantDb: TenantDb): TenantDb => {
  let isLost = false
  return {
    ...tenantDb,
    actor: tenantDb.actor,
    tx: async (work, options) => {
      const result = await tenantDb.tx(work, options)
      if (isLost) return result
      isLost = true
      throw new Error('the connection broke after the commit')
    },
  }
}

const recorderOf = (
  run: RunId,
  more: Partial<RecorderOptions> = {},
  over: (tenantDb: TenantDb) => TenantDb = (tenantDb) => tenantDb,
) =>
  new PartRecorder(
    over(database.database.tenant(tenant.member)),
    { runId: run, ownerId: tenant.member.id ?? '', attempt: 1, holder: 'me' },
    { nextOrdinal: 0, onError: () => {}, onLost: () => {}, onStopWanted: () => {}, ...more },
  )

it('what was stored by a commit whose answer was lost is stored once, with what came meanwhile', async () => {
  const run = await newRun()
  const [onError, onLost] = [vi.fn<(error: unknown) => void>(), vi.fn<() => void>()]
  const recorder = recorderOf(run, { onError, onLost }, losingOneAnswer)
  recorder.add(text(1, 'one '))
  await recorder.flush()
  expect([onError.mock.calls.length, await partsOf(run)]).toEqual([1, [{ ordinal: 0, last: 1, delta: 'one ' }]])
  recorder.add(text(2, 'two'))
  await recorder.stop()
  expect((await partsOf(run)).map(({ delta }) => delta).join('')).toBe('one two')
  expect((await partsOf(run)).at(-1)).toMatchObject({ last: 2 })
  expect(onLost).not.toHaveBeenCalled()
})

it('text of a run that is about to end is not stored twice; what readers of its steps need is', async () => {
  const run = await newRun()
  const recorder = recorderOf(run)
  recorder.add(text(1, 'one'))
  await recorder.settle()
  expect(await partsOf(run)).toEqual([])
  recorder.add({ id: 2, attempt: 1, type: 'reset' })
  await recorder.settle()
  expect((await partsOf(run)).map(({ last }) => last)).toEqual([1, 2])
  recorder.add(text(3, 'two'))
  await recorder.end()
  expect(await partsOf(run)).toHaveLength(2)
})

it('each beat keeps the lease and stores the text so far; a stop is seen with it, and so is the loss of the lease', async () => {
  const run = await newRun()
  const [onStopWanted, onLost] = [vi.fn<() => void>(), vi.fn<() => void>()]
  const recorder = recorderOf(run, { onStopWanted, onLost })
  await database.owner`update run set heartbeat_at = now() - interval '1 hour' where id = ${run}`
  const age = async () => {
    const [row] =
      await database.owner`select extract(epoch from now() - heartbeat_at)::int as age from run where id = ${run}`
    return row?.['age']
  }
  recorder.add(text(1, 'one'))
  await expect.poll(age, { timeout: 20_000 }).toBeLessThan(1800)
  expect(await partsOf(run)).toHaveLength(1)
  expect(onStopWanted).not.toHaveBeenCalled()
  await database.owner`update run set stop_requested_at = now() where id = ${run}`
  await expect.poll(() => onStopWanted.mock.calls.length, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(onLost).not.toHaveBeenCalled()
  await database.owner`update run set lease_holder = 'another' where id = ${run}`
  await expect.poll(() => onLost.mock.calls.length, { timeout: 20_000 }).toBe(1)
  recorder.add(text(2, 'late'))
  await recorder.stop()
  expect(await partsOf(run)).toHaveLength(1)
})

it('parts that cannot be stored do not cost the lease', async () => {
  const run = await newRun()
  const onError = vi.fn<(error: unknown) => void>()
  const recorder = recorderOf(run, { onError, nextOrdinal: -1e12 })
  await database.owner`update run set heartbeat_at = now() - interval '1 hour' where id = ${run}`
  recorder.add(text(1, 'one'))
  await recorder.flush()
  expect(onError).toHaveBeenCalledTimes(1)
  const [row] =
    await database.owner`select now() - heartbeat_at < interval '30 minutes' as held from run where id = ${run}`
  expect(row).toEqual({ held: true })
  await recorder.end()
})

it('a database that is away is asked once, not twice', async () => {
  let asked = 0
  const onError = vi.fn<(error: unknown) => void>()
  const recorder = recorderOf(await newRun(), { onError }, (tenantDb) => ({
    ...tenantDb,
    tx: () => {
      asked++
      return Promise.reject(new AppError('unavailable'))
    },
  }))
  recorder.add(text(1, 'one'))
  await recorder.flush()
  expect([asked, onError.mock.calls.length]).toEqual([1, 1])
  await recorder.end()
})
