import { me, userId, type Actor } from '@quarry/contracts'
import { newId } from '@quarry/db'
import { createTenant, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { toAppError } from './errors.ts'
import { call, contextOf } from './testing/call.ts'
import { startProcess, type Process } from './testing/tenancy.ts'
import { createCallerFactory, procedure, router } from './trpc.ts'

let process: Process
let tenant: TestTenant
let ran = 0
beforeAll(async () => {
  process = await startProcess()
  tenant = await createTenant(process.database)
  await process.database.owner.unsafe('delete from installation_owner')
})
afterAll(() => process.close())

const callerOf = createCallerFactory(
  router({ look: procedure('operator').query(({ ctx }) => ((ran += 1), ctx.verb.operator.userId)) }),
)
/** The user's id, or the status that they are refused with. */
const look = (actor: Actor | null): Promise<string | number> =>
  callerOf(contextOf(process.core, actor))
    .look()
    .catch((error: unknown) => toAppError(error).http)
const grant = (id: string | null) =>
  process.database.owner.unsafe('insert into installation_owner (user_id) values ($1)', [id])
const withdraw = (id: string | null) =>
  process.database.owner.unsafe('delete from installation_owner where user_id = $1', [id])
/** A change counts within a second; other tests load the machine. */
const soon = { timeout: 10_000, interval: 50 }

test('is open to owners of the installation only: not to strangers, keys, or owners of an organisation', async () => {
  const id = userId.parse(newId())
  await process.database.owner.unsafe(`insert into auth."user" (id, name, email) values ($1, 'Op', $2)`, [
    id,
    `${id}@quarry.test`,
  ])
  await grant(id)
  expect(await look(null)).toBe(401)
  for (const actor of [tenant.apiKey, tenant.viewer, tenant.member, tenant.admin, tenant.owner])
    expect(await look(actor)).toBe(403)
  expect(ran).toBe(0)
  // Who is a member of nothing, too.
  expect(await look({ kind: 'user', id, orgId: tenant.orgId, role: 'viewer' })).toBe(id)
  expect(ran).toBe(1)
})

test('opens and closes again within a second, and `session.me` says so', async () => {
  const { admin, apiKey } = tenant
  const isShown = async () => (await process.get(me, admin, 'session.me')).operator
  // Twice: what is kept counts from the second time on.
  for (const _ of [1, 2]) expect([await look(admin), await isShown()]).toEqual([403, false])
  await grant(admin.id)
  await vi.waitFor(async () => expect([await look(admin), await isShown()]).toEqual([admin.id, true]), soon)
  expect((await process.get(me, apiKey, 'session.me')).operator).toBe(false)
  await withdraw(admin.id)
  await vi.waitFor(async () => expect([await look(admin), await isShown()]).toEqual([403, false]), soon)
})

test('is not asked of the database each time', async () => {
  await grant(tenant.member.id)
  for (const _ of [1, 2]) expect(await look(tenant.member)).toBe(tenant.member.id)
  const asked = vi.spyOn(process.core.deps.database.auth, 'execute')
  expect(await look(tenant.member)).toBe(tenant.member.id)
  expect(asked).not.toHaveBeenCalled()
  asked.mockRestore()
})

test('control: the first person who signs up is one, and the second is not', async () => {
  const fresh = await startProcess()
  try {
    const first = await createTenant(fresh.database)
    const rows = await fresh.database.owner.unsafe('select user_id as id, granted_by as by from installation_owner')
    expect(rows).toEqual([{ id: first.owner.id, by: null }])
    expect((await call(fresh.core, first.owner, 'session.me', undefined)).ok).toBe(true)
  } finally {
    await fresh.close()
  }
})
