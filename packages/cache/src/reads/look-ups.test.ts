import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CredentialQuestion, VersionRef } from '../cached-reads.ts'
import { openRedisLink } from '../redis/open-redis-link.ts'
import { createVersionStore, startTestRedis, type TestRedis, type VersionStore } from '../testing/index.ts'
import { createCachedReads } from './create-cached-reads.ts'
import { VERSION_AGE_MS } from './versions.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis.close())

interface Caller {
  readonly orgId: string
  readonly personId: string
  readonly role: string
}

const setUp = (store: VersionStore = createVersionStore(), shared = true) => {
  let clock = 0
  const link = shared ? openRedisLink(redis.adapter, { commandDeadlineMs: 5_000 }) : null
  const outcomes: string[] = []
  const reads = createCachedReads({
    link,
    readVersions: store.readVersions,
    count: (_name, outcome) => outcomes.push(outcome),
    now: () => clock,
    wallClock: () => 1_800_000_000_000 + clock,
  })
  onTestFinished(async () => {
    await reads.close()
    await link?.close()
  })
  return { store, reads, outcomes, link, pass: (ms: number) => (clock += ms) }
}

const newCaller = (): Caller => ({ orgId: randomUUID(), personId: randomUUID(), role: 'member' })
const newQuestion = (): CredentialQuestion => ({
  name: 'caller.session',
  secretHash: randomUUID().replaceAll('-', '').repeat(2),
  ttlSeconds: 600,
})
const refsOf = ({ orgId, personId }: Caller): VersionRef[] => [
  { subjectId: personId, tag: 'access' },
  { subjectId: orgId, tag: 'permission' },
]

describe.each([{ shared: true }, { shared: false }])(
  'a caller who is looked up (over Redis: $shared)',
  ({ shared }) => {
    test('is kept from the second time on, when it is known what to look at', async () => {
      const { reads, outcomes } = setUp(createVersionStore(), shared)
      const [question, caller] = [newQuestion(), newCaller()]
      const load = vi.fn<() => Promise<Caller>>(async () => caller)
      for (let i = 0; i < 5; i++) expect(await reads.lookUp(question, load, refsOf)).toEqual(caller)
      expect(load).toHaveBeenCalledTimes(2)
      expect(outcomes).toEqual(['miss', 'miss', 'hit', 'hit', 'hit'])
    })

    test('is somebody else a second after any of their versions has grown, and at once where that was said', async () => {
      const { store, reads, pass } = setUp(createVersionStore(), shared)
      const [question, caller] = [newQuestion(), newCaller()]
      let now: Caller | null = caller
      const lookUp = () =>
        reads.lookUp<Caller | null>(
          question,
          async () => now,
          (found) => found && refsOf(found),
        )
      for (const role of ['admin', 'owner', 'viewer']) {
        await lookUp()
        await lookUp()
        const before = await lookUp()
        now = { ...caller, role }
        for (const ref of refsOf(caller)) store.commit(ref)
        expect(await lookUp()).toEqual(before)
        if (role === 'owner') reads.touched([caller.personId])
        else pass(VERSION_AGE_MS + 1)
        expect(await lookUp()).toEqual(now)
      }
      now = null
      store.commit(refsOf(caller)[0]!)
      pass(VERSION_AGE_MS + 1)
      expect(await lookUp()).toBeNull()
    })

    test('nobody is not kept: a key may be switched on again', async () => {
      const { reads } = setUp(createVersionStore(), shared)
      const load = vi.fn<() => Promise<null>>(async () => null)
      const question = newQuestion()
      for (let i = 0; i < 3; i++) await reads.lookUp(question, load, () => null)
      expect(load).toHaveBeenCalledTimes(3)
    })

    test('many calls at once look once, but none is told what was found before something was touched', async () => {
      const { store, reads } = setUp(createVersionStore(), shared)
      const [question, caller] = [newQuestion(), newCaller()]
      let role = 'admin'
      const finish: (() => void)[] = []
      const load = vi.fn<() => Promise<Caller>>(async () => {
        const found = { ...caller, role }
        await new Promise<void>((resolve) => finish.push(resolve))
        return found
      })
      const early = Promise.all(Array.from({ length: 100 }, () => reads.lookUp(question, load, refsOf)))
      await vi.waitFor(() => expect(load).toHaveBeenCalledOnce(), { timeout: 10_000 })
      role = 'viewer'
      store.commit(...refsOf(caller))
      reads.touched([caller.personId])
      const late = reads.lookUp(question, load, refsOf)
      await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2), { timeout: 10_000 })
      for (const one of finish) one()
      expect(new Set((await early).map((found) => found.role))).toEqual(new Set(['admin']))
      expect((await late).role).toBe('viewer')
    })
  },
)

test('a caller who was looked up twice anywhere is known everywhere, and the secret is nowhere', async () => {
  const store = createVersionStore()
  const [a, b] = [setUp(store), setUp(store)]
  const [question, caller] = [newQuestion(), newCaller()]
  const load = vi.fn<() => Promise<Caller>>(async () => caller)
  await a.reads.lookUp(question, load, refsOf)
  await a.reads.lookUp(question, load, refsOf)
  await vi.waitFor(async () => {
    const other = setUp(store)
    await other.reads.lookUp(question, load, refsOf)
    expect(other.outcomes).toEqual(['hit'])
  })
  await b.reads.lookUp(question, load, refsOf)
  expect(b.outcomes).toEqual(['hit'])
  const keys = await b.link!.run((redis) => redis.keys('who:*'))
  expect(keys.length).toBeGreaterThan(0)
  expect(keys.filter((key) => key.includes(question.secretHash))).toEqual([])
  await expect(b.reads.lookUp({ ...question, secretHash: 'the secret itself' }, load, refsOf)).rejects.toThrow(
    TypeError,
  )
})
