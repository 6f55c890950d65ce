import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { JOBS, type JobName } from '@quarry/jobs'
import { createLogger } from '@quarry/observability'
import { repairJobs } from './repair-jobs.ts'

let db: TestDatabase
let tenant: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  tenant = await createTenant(db)
})
afterAll(() => db.close())
beforeEach(async () => {
  await db.owner.unsafe('delete from job_run; delete from graphile_worker._private_jobs; delete from worker_heartbeat')
  await db.owner.unsafe(`insert into worker_heartbeat (pool_id, host) values ('alive', 'test')`)
})

const repair = () => repairJobs({ database: db.database, logger: createLogger({ name: 'test', level: 'silent' }) })
const states = async () =>
  Object.fromEntries(
    (await db.owner.unsafe<{ id: string; state: string }[]>('select id, state from job_run')).map(({ id, state }) => [
      id,
      state,
    ]),
  )
/** A job that a pool which lives took up so many minutes ago, and that said then for the last time where it is. */
const running = async (kind: string, minutes: number, queued = false): Promise<string> => {
  const id = newId()
  await db.owner.unsafe(
    `insert into job_run (org_id, id, kind, state, job_id, worker, attempt, max_attempts, updated_at)
     values ($1, $2, $3, 'running', '999999', 'alive', 2, 5, now() - $4 * interval '1 minute')`,
    [tenant.orgId, id, kind, minutes],
  )
  // The attempt before this one counts for nothing.
  for (const [attempt, began] of [
    [1, 600],
    [2, minutes],
  ] as const)
    await db.owner.unsafe(
      `insert into job_attempt (org_id, job_run_id, attempt, worker, state, created_at)
       values ($1, $2, $3, 'alive', 'running', now() - $4 * interval '1 minute')`,
      [tenant.orgId, id, attempt, began],
    )
  if (queued)
    await db.owner.unsafe(
      `with put as (select j.id from graphile_worker.add_job($1, json_build_object('orgId', $2::text, 'jobRunId', $3::text)) j)
       update job_run set job_id = (select id from put)::text where id = $3::uuid`,
      [kind, tenant.orgId, id],
    )
  return id
}
const deadlineMinutes = (kind: JobName) => JOBS[kind].deadlineMs / 60_000

describe.each(Object.keys(JOBS) as JobName[])(
  '%s that runs in a worker that lives, and that the queue has lost',
  (kind) => {
    test('is ended when nobody can be at it any more: its time was over minutes ago', async () => {
      const late = await running(kind, deadlineMinutes(kind) + 6)
      const inTime = await running(kind, deadlineMinutes(kind) - 1)
      expect(await repair()).toEqual({ job: 0, jobEnded: 1 })
      expect(await states()).toEqual({ [late]: 'failed', [inTime]: 'running' })
      expect(await repair()).toEqual({ job: 0, jobEnded: 0 })
    })

    test('control: stays as long as the queue has it, whatever that takes', async () => {
      const id = await running(kind, deadlineMinutes(kind) + 60, true)
      expect(await repair()).toEqual({ job: 0, jobEnded: 0 })
      expect(await states()).toEqual({ [id]: 'running' })
    })
  },
)

test('one of a kind that only another version knows is left to that', async () => {
  const id = await running('document.unheard', 10_000)
  expect(await repair()).toEqual({ job: 0, jobEnded: 0 })
  expect(await states()).toEqual({ [id]: 'running' })
})
