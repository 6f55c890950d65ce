import { createCachedReads, createFlags, openRedisLink } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { readLimits } from '@quarry/config'
import { orgId as orgIdSchema, type Actor } from '@quarry/contracts'
import { readInstallation, writeFlag } from '@quarry/db'
import {
  createCollection,
  createTenant,
  createTestDatabase,
  grantCollection,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { Asker } from '../accounts/known-caller.ts'
import { createKeptAnswers, NotKept, type KeptQuestion } from './kept-answers.ts'

let db: TestDatabase
let redis: TestRedis
let tenant: TestTenant
beforeAll(async () => {
  db = await createTestDatabase()
  redis = await startTestRedis()
})
beforeEach(async () => {
  tenant = await createTenant(db)
})
afterAll(async () => {
  await redis.close()
  await db.close()
})

const openProcess = (edition = 'one') => {
  const link = openRedisLink(redis.adapter)
  const cache = createCachedReads({ link, readVersions: (ids) => db.database.versions(ids) })
  const flags = createFlags(() => db.database.system((tx) => readInstallation(tx)), {})
  onTestFinished(async () => {
    flags.close()
    await cache.close()
    await link.close()
  })
  const limits = readLimits({})
  return {
    ...createKeptAnswers({ cache, database: db.database, flags, limits, edition, heed: () => undefined }),
    cache,
    flags,
  }
}
const asker = (actor: Actor): Asker => {
  if (actor.kind === 'system') throw new TypeError('a job asks nothing')
  return actor
}
const question = (over: Partial<KeptQuestion> = {}): KeptQuestion => ({
  name: 'test.list',
  input: { limit: 5 },
  scope: 'visibility',
  tags: ['permission', 'documents'],
  ttl: 'lists',
  staleSeconds: 0,
  flags: [],
  ...over,
})
/** Counts how often it is computed, and says by whom. */
const answering = (who: string) => vi.fn<() => Promise<string>>(() => Promise.resolve(who))

test('who sees the same shares an answer, in every process; who sees more, less or with another role does not', async () => {
  const closed = await createCollection(tenant, { visibility: 'restricted' })
  await grantCollection(tenant, closed, tenant.apiKey)
  const [here, there] = [openProcess(), openProcess()]
  const told = async (process: typeof here, actor: Actor, who: string) =>
    process.answer(asker(actor), question(), answering(who))
  expect(await told(here, tenant.member, 'a member')).toBe('a member')
  expect(await told(there, tenant.viewer, 'a viewer')).toBe('a member')
  expect(await told(here, tenant.owner, 'an owner')).toBe('an owner')
  expect(await told(there, tenant.admin, 'an admin')).toBe('an owner')
  expect(await told(here, tenant.apiKey, 'a key')).toBe('a key')
  await grantCollection(tenant, closed, tenant.viewer)
  here.cache.touched([tenant.orgId])
  expect(await told(here, tenant.viewer, 'a viewer')).toBe('a viewer')
  expect(await told(here, tenant.apiKey, 'a key, again')).toBe('a viewer')
})

test('what is one’s own is shared with nobody, nor with oneself in another role', async () => {
  const { answer } = openProcess()
  const own = question({ scope: 'actor', tags: ['access'] })
  const { member, viewer } = tenant
  expect(await answer(asker(member), own, answering('member'))).toBe('member')
  expect(await answer(asker(viewer), own, answering('viewer'))).toBe('viewer')
  expect(await answer({ ...asker(member), role: 'admin' }, own, answering('admin'))).toBe('admin')
  expect(await answer(asker(member), own, answering('member, again'))).toBe('member')
})

/** What is known is known for a second: a machine that stands still for so long is another try. */
const MEASURED = { retry: 2 }

/** An answer that is computed for the member while `change` happens, and that the viewer waits for meanwhile. */
const toldBoth = async (change: () => Promise<unknown>, finish = (answer: string) => answer): Promise<string[]> => {
  const { answer } = openProcess()
  const ask = (actor: Actor, input: string, load: () => Promise<string>) =>
    answer(asker(actor), question({ input }), load)
  for (const actor of [tenant.member, tenant.viewer]) await ask(actor, 'before', answering('what they see is known'))
  let letGo = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const first = vi.fn<() => Promise<string>>(async () => {
    await gate
    return finish('for the member')
  })
  const second = answering('for the viewer')
  const ofMember = ask(tenant.member, 'now', first)
  await vi.waitFor(() => expect(first).toHaveBeenCalledOnce(), { timeout: 10_000 })
  const ofViewer = ask(tenant.viewer, 'now', second)
  // All that it needs to know is in memory: a turn of the event loop later it waits for the first.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await change()
  expect(second).not.toHaveBeenCalled()
  letGo()
  return Promise.all([ofMember, ofViewer])
}
const letMemberIn = async () => {
  const closed = await createCollection(tenant, { visibility: 'restricted' })
  await grantCollection(tenant, closed, tenant.member)
}

test('control: who sees the same waits for one answer, and gets it', MEASURED, async () => {
  expect(await toldBoth(() => Promise.resolve())).toEqual(['for the member', 'for the member'])
})

test('an answer during which somebody was let in is told to nobody who waited for it', MEASURED, async () => {
  expect(await toldBoth(letMemberIn)).toEqual(['for the member', 'for the viewer'])
})

test('nor is one that is not to be kept', MEASURED, async () => {
  const notKept = (answer: string): never => {
    throw new NotKept(answer)
  }
  expect(await toldBoth(() => Promise.resolve(), notKept)).toEqual(['for the member', 'for the member'])
  expect(await toldBoth(letMemberIn, notKept)).toEqual(['for the member', 'for the viewer'])
})

test('an answer that is good enough for now is given, and computed again the next time; errors pass', async () => {
  const { answer } = openProcess()
  const poor = vi.fn<() => Promise<string>>(() => Promise.reject(new NotKept('by words alone')))
  for (const actor of [tenant.member, tenant.owner])
    expect(await answer(asker(actor), question(), poor)).toBe('by words alone')
  expect(poor).toHaveBeenCalledTimes(2)
  expect(await answer(asker(tenant.owner), question(), answering('better'))).toBe('better')
  const failing = () => Promise.reject(new Error('no'))
  await expect(answer(asker(tenant.owner), question({ input: 1 }), failing)).rejects.toThrow('no')
  expect(await answer(asker(tenant.owner), question({ input: 1 }), answering('now'))).toBe('now')
})

test('another release, another configuration and another position of a switch are other questions', async () => {
  const asked = question({ flags: ['search.semantic'] })
  const ask = ({ answer }: ReturnType<typeof openProcess>, who: string) =>
    answer(asker(tenant.owner), asked, answering(who))
  const [old, released] = [openProcess('old'), openProcess('new')]
  expect(await ask(old, 'old')).toBe('old')
  expect(await ask(released, 'new')).toBe('new')
  expect(await ask(old, 'old, again')).toBe('old')
  const orgId = orgIdSchema.parse(tenant.orgId)
  const setFlag = (name: string, enabled: boolean) =>
    db.database.system((tx) => writeFlag(tx, { name, orgId, enabled, percentage: 100 }))
  await setFlag('search.semantic', false)
  await vi.waitFor(async () => expect(await ask(old, 'switched')).toBe('switched'), { timeout: 5_000 })
  await setFlag('cache.reads', false)
  const each = answering('computed')
  await vi.waitFor(
    async () => {
      each.mockClear()
      for (let i = 0; i < 2; i++) await old.answer(asker(tenant.owner), asked, each)
      expect(each).toHaveBeenCalledTimes(2)
    },
    { timeout: 5_000 },
  )
})

test('an answer during which a switch was turned is told and not kept: it may be of either position', async () => {
  const asked = question({ flags: ['search.semantic'] })
  const { answer, flags } = openProcess()
  const orgId = orgIdSchema.parse(tenant.orgId)
  const turn = async (enabled: boolean) => {
    const row = { name: 'search.semantic', orgId, enabled, percentage: 100 }
    await db.database.system((tx) => writeFlag(tx, row))
    await vi.waitFor(async () => expect(await flags.isOn('search.semantic', orgId)).toBe(enabled), { timeout: 5_000 })
  }
  await turn(true)
  for (const actor of [tenant.owner, tenant.member]) {
    const off = () => turn(false).then(() => 'by words alone')
    expect(await answer(asker(actor), asked, off)).toBe('by words alone')
    await turn(true)
    expect(await answer(asker(actor), asked, answering('by meaning'))).toBe('by meaning')
    expect(await answer(asker(actor), asked, answering('again'))).toBe('by meaning')
  }
})

test('what is said comes back as JSON has it, kept or not', async () => {
  const { answer } = openProcess()
  const load = () => Promise.resolve({ at: new Date(0), nothing: undefined, list: [1] })
  const expected = { at: '1970-01-01T00:00:00.000Z', list: [1] }
  for (const asked of [question(), question(), null]) {
    const said: unknown = await answer(asker(tenant.owner), asked, load)
    expect(said).toStrictEqual(expected)
  }
})
