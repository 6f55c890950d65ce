import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { OrgId } from '@quarry/contracts'
import type { CachedRead, CredentialQuestion } from '../cached-reads.ts'
import { openRedisLink } from '../redis/open-redis-link.ts'
import { createVersionStore, startTestRedis, type TestRedis, type VersionStore } from '../testing/index.ts'
import { createCachedReads } from './create-cached-reads.ts'
import { sealAnswer } from './envelope.ts'
import { readKeys } from './read-key.ts'
import { VERSION_AGE_MS } from './versions.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis.close())

const WALL = 1_800_000_000_000

const newProcess = (store: VersionStore, shared: boolean) => {
  let clock = 0
  const link = shared ? openRedisLink(redis.adapter, { commandDeadlineMs: 5_000 }) : null
  const outcomes: string[] = []
  const reads = createCachedReads({
    link,
    readVersions: store.readVersions,
    count: (name, outcome) => outcomes.push(`${name} ${outcome}`),
    now: () => clock,
    wallClock: () => WALL + clock,
    random: () => 0.5,
  })
  onTestFinished(async () => {
    await reads.close()
    await link?.close()
  })
  return { ...reads, link, outcomes, pass: (ms: number) => (clock += ms) }
}

const newQuestion = (over: Partial<CachedRead> = {}): CachedRead => {
  const orgId = randomUUID() as OrgId
  const versions = [{ subjectId: orgId, tag: 'documents' }] as const
  return {
    ...{ orgId, name: 'documents.list', sharedBy: '*', input: null, versions, ttlSeconds: 300, staleSeconds: 0 },
    ...over,
  }
}

describe.each([{ shared: true }, { shared: false }])('a look at what is kept (over Redis: $shared)', ({ shared }) => {
  test('gives what a read would, to the letter, and leaves nothing behind where there is nothing', async () => {
    const one = newProcess(createVersionStore(), shared)
    const question = newQuestion()
    expect(await one.peek(question)).toBeNull()
    const load = vi.fn<() => Promise<object>>(async () => ({ b: 'ü "x" \u2028', a: [1.5, null], 2: new Date(0) }))
    const answer = await one.read(question, load)
    expect(await one.peek(question)).toBe(JSON.stringify(answer))
    expect(await one.peek(question)).toBe(JSON.stringify(answer))
    expect(load).toHaveBeenCalledOnce()
    // Nobody computed it, nobody waited for a lock, and nobody counted the looks.
    expect(one.outcomes).toEqual(['documents.list miss'])
    one.served(['documents.list', 'caller.key'])
    expect(one.outcomes.slice(1)).toEqual(['documents.list hit', 'caller.key hit'])
  })

  test('gives nothing that has changed, that was touched, or that has to be renewed', async () => {
    const store = createVersionStore()
    const one = newProcess(store, shared)
    const [changed, stale] = [newQuestion(), newQuestion({ staleSeconds: 60 })]
    const answers = ['before', 'after']
    const load = async () => answers[0]
    for (const question of [changed, stale]) await one.read(question, load)
    store.commit(...changed.versions)
    expect(await one.peek(changed)).toBe('"before"')
    one.touched([changed.orgId])
    expect(await one.peek(changed)).toBeNull()
    one.pass(VERSION_AGE_MS + 1)
    expect(await one.peek(changed)).toBeNull()
    expect(await one.peek(stale)).toBe('"before"')
    one.pass(300_000)
    expect(await one.peek(stale)).toBeNull()
    // It is there all the same, for who has it renewed.
    expect(await one.read(stale, async () => 'renewed')).toBe('before')
  })

  test('gives null for an answer that JSON has no word for, and `null` for nothing', async () => {
    const one = newProcess(createVersionStore(), shared)
    const [nothing, undefinable] = [newQuestion(), newQuestion()]
    await one.read(nothing, async () => null)
    await one.read(undefinable, async () => undefined)
    expect(await one.peek(nothing)).toBe('null')
    expect(await one.peek(undefinable)).toBeNull()
  })

  test('tells whom a credential stands for once that is kept for good, and no longer than it is true', async () => {
    const store = createVersionStore()
    const one = newProcess(store, shared)
    const question: CredentialQuestion = {
      ...{ name: 'caller.key', secretHash: randomUUID().replaceAll('-', '').repeat(2), ttlSeconds: 600 },
    }
    const caller = { orgId: randomUUID(), role: 'member' }
    const ref = { subjectId: caller.orgId, tag: 'permission' } as const
    const ask = () =>
      one.lookUp(
        question,
        async () => caller,
        () => [ref],
      )
    expect(await one.peekLookUp(question)).toBeNull()
    await ask()
    expect(await one.peekLookUp(question)).toBeNull()
    await ask()
    expect(await one.peekLookUp(question)).toEqual(caller)
    expect(one.outcomes).toEqual(['caller.key miss', 'caller.key miss'])
    store.commit(ref)
    one.pass(VERSION_AGE_MS + 1)
    expect(await one.peekLookUp(question)).toBeNull()
  })
})

describe('a look at what Redis has', () => {
  test('finds what another process has computed', async () => {
    const store = createVersionStore()
    const [here, there] = [newProcess(store, true), newProcess(store, true)]
    const question = newQuestion()
    await there.read(question, async () => ({ from: 'there' }))
    await vi.waitFor(async () => expect(await here.peek(question)).toBe('{"from":"there"}'), { timeout: 10_000 })
    expect(here.outcomes).toEqual([])
  })

  test.each([
    ['of another organisation', (text: string) => text.replace(/"o":"[^"]*"/, `"o":"${randomUUID()}"`), null],
    ['broken', (text: string) => text.slice(0, -2), null],
    ['too old', (text: string) => text.replace(/"f":\d+/, `"f":${WALL - 1}`), null],
    ['written otherwise', (text: string) => text.replace('"v":[1,2]', '"v": [ 1, 2.0 ]'), '[1,2]'],
  ])('gives nothing that a read would not: %s', async (_, change, expected) => {
    const one = newProcess(createVersionStore(), true)
    const question = newQuestion()
    const [version] = await createVersionStore().readVersions([question.orgId])
    const keys = readKeys(question, [version?.version ?? 0])
    const sealed = change(sealAnswer(question.orgId, WALL + 60_000, [1, 2]))
    await one.link?.run((client) => client.set(keys.value, sealed))
    expect(await one.peek(question)).toBe(expected)
  })

  test('gives nothing while Redis is away but what this process remembers', async () => {
    const own = await startTestRedis()
    const link = openRedisLink(own.adapter)
    const store = createVersionStore()
    const reads = createCachedReads({ link, readVersions: store.readVersions })
    onTestFinished(async () => {
      await reads.close()
      await link.close()
      await own.close()
    })
    const [known, unknown] = [newQuestion(), newQuestion()]
    await reads.read(known, async () => 'known')
    await own.kill()
    expect(await reads.peek(known)).toBe('"known"')
    expect(await reads.peek(unknown)).toBeNull()
  })
})
