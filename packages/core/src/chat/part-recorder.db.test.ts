import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { messageId, runId, type RunEvent } from '@quarry/contracts'
import { newId, type TenantDb } from '@quarry/db'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { PartRecorder } from './part-recorder.ts'

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

it('what was stored by a commit whose answer was lost is stored once, with what came meanwhile', async () => {
  const run = await newRun()
  const [onError, onLost] = [vi.fn<(error: unknown) => void>(), vi.fn<() => void>()]
  const recorder = new PartRecorder(
    losingOneAnswer(database.database.tenant(tenant.member)),
    { runId: run, ownerId: tenant.member.id ?? '', attempt: 1 },
    { nextOrdinal: 0, onError, onLost },
  )
  recorder.add(text(1, 'one '))
  await recorder.flush()
  expect([onError.mock.calls.length, await partsOf(run)]).toEqual([1, [{ ordinal: 0, last: 1, delta: 'one ' }]])
  recorder.add(text(2, 'two'))
  await recorder.stop()
  expect((await partsOf(run)).map(({ delta }) => delta).join('')).toBe('one two')
  expect((await partsOf(run)).at(-1)).toMatchObject({ last: 2 })
  expect(onLost).not.toHaveBeenCalled()
})
