import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { OrgId } from '@quarry/contracts'
import type { CachedRead } from '../cached-reads.ts'
import { isKnownRedisKey } from '../redis/key-patterns.ts'
import { openRedisLink } from '../redis/open-redis-link.ts'
import { RedisUnavailable, type RedisLink } from '../redis/redis-link.ts'
import { createVersionStore, startTestRedis, type TestRedis, type VersionStore } from '../testing/index.ts'
import { createCachedReads, type CachedReadsOptions } from './create-cached-reads.ts'
import { VERSION_TTL_MS } from './shared-versions.ts'
import { versionKey } from './version-scripts.ts'
import { VERSION_AGE_MS } from './versions.ts'

let redis: TestRedis
beforeAll(async () => {
  redis = await startTestRedis()
})
afterAll(() => redis.close())

/** A process: its own link, memory and clocks; `pass` lets time go by. */
const newProcess = (store: VersionStore, options: Partial<CachedReadsOptions> & { readonly shared?: boolean } = {}) => {
  const { shared = true, ...rest } = options
  let clock = 0
  const link = shared ? openRedisLink(redis.adapter, { commandDeadlineMs: 5_000 }) : null
  const outcomes: string[] = []
  const reads = createCachedReads({
    link,
    readVersions: store.readVersions,
    count: (_name, outcome) => outcomes.push(outcome),
    now: () => clock,
    wallClock: () => 1_800_000_000_000 + clock,
    ...rest,
  })
  onTestFinished(async () => {
    await reads.close()
    await link?.close()
  })
  return {
    ...reads,
    link,
    outcomes,
    pass: (ms: number) => (clock += ms),
    /** Versions in Redis are believed after the link has been there for a while, by who has drained. */
    drain: async () => store.forget(await reads.drain(store.readOutbox)),
  }
}

const newQuestion = (over: Partial<CachedRead> = {}): CachedRead => {
  const orgId = over.orgId ?? (randomUUID() as OrgId)
  return {
    orgId,
    name: 'documents.list',
    sharedBy: '*',
    input: { limit: 20 },
    versions: [{ subjectId: orgId, tag: 'documents' }],
    ttlSeconds: 300,
    staleSeconds: 0,
    ...over,
  }
}

describe.each([{ shared: true }, { shared: false }])('a cached read (over Redis: $shared)', ({ shared }) => {
  test('is computed once, then found, until its version grows', async () => {
    const store = createVersionStore()
    const one = newProcess(store, { shared })
    const question = newQuestion()
    let answer = 'a'
    const load = vi.fn<() => Promise<string>>(async () => answer)
    expect(await one.read(question, load)).toBe('a')
    expect(await one.read(question, load)).toBe('a')
    expect(load).toHaveBeenCalledOnce()
    answer = 'b'
    store.commit(...question.versions)
    one.pass(VERSION_AGE_MS + 1)
    expect(await one.read(question, load)).toBe('b')
    expect(one.outcomes).toEqual(['miss', 'hit', 'miss'])
  })

  test('is read again at once by who has written', async () => {
    const store = createVersionStore()
    const one = newProcess(store, { shared })
    const question = newQuestion()
    let answer = 1
    await one.read(question, async () => answer)
    answer = 2
    store.commit(...question.versions)
    expect(await one.read(question, async () => answer)).toBe(1)
    one.touched([question.orgId])
    expect(await one.read(question, async () => answer)).toBe(2)
  })

  test('keeps a null, and gives a miss and a hit the same form', async () => {
    const one = newProcess(createVersionStore(), { shared })
    const [nothing, dated] = [newQuestion(), newQuestion()]
    const load = vi.fn<() => Promise<null>>(async () => null)
    expect(await one.read(nothing, load)).toBeNull()
    expect(await one.read(nothing, load)).toBeNull()
    expect(load).toHaveBeenCalledOnce()
    const read = () => one.read<{ at: unknown }>(dated, async () => ({ at: new Date(0) }))
    expect(await read()).toEqual({ at: '1970-01-01T00:00:00.000Z' })
    expect(await read()).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  test('gives everybody a copy of their own', async () => {
    const one = newProcess(createVersionStore(), { shared })
    const question = newQuestion()
    const read = () => one.read(question, async () => ({ items: [1, 2] }))
    const first = await read()
    first.items.push(3)
    expect(await read()).toEqual({ items: [1, 2] })
  })

  test('is computed once for a thousand who ask at once, and its failure is not kept', async () => {
    const one = newProcess(createVersionStore(), { shared })
    const question = newQuestion()
    const load = vi.fn<() => Promise<number>>().mockRejectedValueOnce(new Error('database')).mockResolvedValue(7)
    const failed = await Promise.allSettled(Array.from({ length: 1_000 }, () => one.read(question, load)))
    expect(failed.every((each) => each.status === 'rejected')).toBe(true)
    expect(load).toHaveBeenCalledOnce()
    expect(await Promise.all(Array.from({ length: 1_000 }, () => one.read(question, load)))).toEqual(
      Array.from({ length: 1_000 }, () => 7),
    )
    expect(load).toHaveBeenCalledTimes(2)
    expect(one.outcomes.filter((outcome) => outcome === 'miss')).toHaveLength(1)
    expect(one.outcomes.filter((outcome) => outcome === 'dedup')).toHaveLength(999)
  })

  test('tells questions apart by every part, and not by the order of keys', async () => {
    const one = newProcess(createVersionStore(), { shared })
    const base = newQuestion({ input: { a: 1, b: [1, 2], c: undefined } })
    const others = [
      { ...base, orgId: randomUUID() as OrgId },
      { ...base, name: 'documents.search' },
      { ...base, sharedBy: 'other' },
      { ...base, input: { a: 1, b: [2, 1] } },
      { ...base, versions: [{ subjectId: base.orgId, tag: 'index' as const }] },
      { ...base, versions: [{ subjectId: randomUUID(), tag: 'documents' as const }] },
    ]
    const answers = await Promise.all([base, ...others].map((question, i) => one.read(question, async () => i)))
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(await one.read({ ...base, input: { b: [1, 2], a: 1 } }, async () => 99)).toBe(0)
  })

  test('expires, ten per cent sooner or later', async () => {
    const question = newQuestion({ ttlSeconds: 100 })
    for (const [random, livesFor] of [
      [0, 90],
      [0.999, 109],
    ] as const) {
      const one = newProcess(createVersionStore(), { shared, random: () => random })
      const asked = { ...question, input: random }
      await one.read(asked, async () => 'old')
      one.pass((livesFor - 1) * 1000)
      // In Redis it lives by the clock of Redis, which does not pass here: its memory has forgotten it meanwhile.
      expect(await one.read(asked, async () => 'new')).toBe('old')
      one.pass(2_000)
      expect(await one.read(asked, async () => 'new')).toBe('new')
    }
  })

  test('that may be stale is given at once and computed anew, once', async () => {
    const one = newProcess(createVersionStore(), { shared })
    const question = newQuestion({ ttlSeconds: 100, staleSeconds: 100 })
    let answer = 'old'
    const load = vi.fn<() => Promise<string>>(async () => answer)
    await one.read(question, load)
    one.pass(120_000)
    answer = 'new'
    const stale = await Promise.all(Array.from({ length: 50 }, () => one.read(question, load)))
    expect(new Set(stale)).toEqual(new Set(['old']))
    await vi.waitFor(async () => expect(await one.read(question, load)).toBe('new'), { timeout: 10_000 })
    expect(load).toHaveBeenCalledTimes(2)
    expect(one.outcomes.slice(1, 51)).toEqual(Array.from({ length: 50 }, () => 'stale'))
  })

  test('is never stale by its version, however stale it may be', async () => {
    const store = createVersionStore()
    const one = newProcess(store, { shared })
    const question = newQuestion({ ttlSeconds: 1, staleSeconds: 1_000 })
    await one.read(question, async () => 'old')
    store.commit(...question.versions)
    one.pass(10_000)
    expect(await one.read(question, async () => 'new')).toBe('new')
  })

  test('goes to the database where it is switched off, and where the versions cannot be read', async () => {
    const off = newProcess(createVersionStore(), { shared, isOn: () => false })
    const blind = newProcess(createVersionStore(), {
      shared,
      readVersions: () => Promise.reject(new Error('database')),
    })
    for (const one of [off, blind]) {
      const question = newQuestion()
      expect(await one.read(question, async () => 1)).toBe(1)
      expect(await one.read(question, async () => 2)).toBe(2)
    }
    expect([off.outcomes, blind.outcomes]).toEqual([
      ['off', 'off'],
      ['error', 'error'],
    ])
  })

  test('without an organisation does not come into being', async () => {
    const one = newProcess(createVersionStore(), { shared })
    for (const orgId of ['', 'undefined', undefined, `${randomUUID()}:x`])
      await expect(one.read(newQuestion({ orgId: orgId as OrgId, versions: [] }), async () => 1)).rejects.toThrow(
        TypeError,
      )
  })
})

describe('several processes over one Redis', () => {
  test('a thousand who ask all of them at once get one answer that was computed once', async () => {
    const store = createVersionStore()
    const processes = [newProcess(store), newProcess(store), newProcess(store)]
    const question = newQuestion()
    let loads = 0
    const load = async () => {
      loads++
      await new Promise((resolve) => setTimeout(resolve, 100))
      return loads
    }
    const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => processes[i % 3]!.read(question, load)))
    expect(new Set(answers)).toEqual(new Set([1]))
    expect(loads).toBe(1)
  })

  test('one that dies while it computes holds up the others for three seconds', async () => {
    const store = createVersionStore()
    const [dying, other] = [newProcess(store), newProcess(store)]
    const question = newQuestion()
    let release = () => {}
    const never = dying.read(question, () => new Promise<string>((resolve) => (release = () => resolve('late'))))
    await vi.waitFor(async () =>
      expect(await other.link!.run((r) => r.keys(`o:${question.orgId}:lock:*`))).toHaveLength(1),
    )
    const start = performance.now()
    expect(await other.read(question, async () => 'own')).toBe('own')
    expect(performance.now() - start).toBeLessThan(10_000)
    release()
    await never
  })

  test('believe versions in Redis where they have drained, and nowhere else', async () => {
    const store = createVersionStore()
    const [a, b] = [newProcess(store), newProcess(store)]
    const question = newQuestion()
    const settle = async () => {
      for (const each of [a, b]) {
        each.pass(VERSION_TTL_MS + 1)
        await each.drain()
      }
    }
    await settle()
    await a.read(question, async () => 1)
    await vi.waitFor(async () =>
      expect(await a.link!.run((r) => r.exists(`version:${question.orgId}:documents`))).toBe(1),
    )
    const before = store.reads
    expect(await b.read(question, async () => 2)).toBe(1)
    expect(store.reads).toBe(before)
    b.pass(VERSION_AGE_MS + 1)
    expect(await b.read(question, async () => 2)).toBe(1)
    expect(store.reads).toBe(before + 1)
  })

  test('a drain tells the others before their second is over', async () => {
    const store = createVersionStore()
    const [a, b] = [newProcess(store), newProcess(store)]
    const question = newQuestion()
    expect(await b.read(question, async () => 1)).toBe(1)
    store.commit(...question.versions)
    await a.drain()
    expect(store.waiting).toBe(0)
    // No time passes for them: only the message can have said it.
    await vi.waitFor(async () => expect(await b.read(question, async () => 2)).toBe(2), { timeout: 10_000 })
  })

  test('an envelope of another organisation and a broken one are misses, and are replaced', async () => {
    const store = createVersionStore()
    const question = newQuestion()
    const foreign = newQuestion()
    const first = newProcess(store)
    await first.read(question, async () => 'mine')
    await first.read(foreign, async () => 'canary')
    const keys = await vi.waitFor(async () => {
      const found = await first.link!.run((r) => r.keys('o:*:cache:*'))
      const of = (orgId: OrgId) => found.find((key) => key.startsWith(`o:${orgId}:`))
      const both = [of(question.orgId), of(foreign.orgId)]
      expect(both).not.toContain(undefined)
      return both as [string, string]
    })
    // Positive control: another process is given what is there.
    expect(await newProcess(store).read(question, async () => 'computed')).toBe('mine')
    const text = await first.link!.run((r) => r.get(keys[1]))
    for (const wrong of [text!, '', '{', 'null', '[]', text!.slice(0, -3), '{"o":1,"f":1,"v":1}']) {
      await first.link!.run((r) => r.set(keys[0], wrong))
      expect(await newProcess(store).read(question, async () => 'computed')).toBe('computed')
      await vi.waitFor(
        async () => expect(await newProcess(store).read(question, async () => 'again')).toBe('computed'),
        { timeout: 10_000 },
      )
    }
  })

  test('whose claim was taken and not answered in time hands on its answer: nobody waits for a lock that nobody holds', async () => {
    const store = createVersionStore()
    const real = openRedisLink(redis.adapter, { commandDeadlineMs: 5_000 })
    onTestFinished(() => real.close())
    let late = false
    const link: RedisLink = {
      ...real,
      async run(commands) {
        const isLate = late
        const answer = await real.run(commands)
        if (isLate) throw new RedisUnavailable()
        return answer
      },
    }
    const [one, other] = [newProcess(store, { link }), newProcess(store)]
    const question = newQuestion()
    await one.read(newQuestion(), async () => 'the versions are known, and Redis is there')
    late = true
    const mine = async () => {
      late = false
      return 'mine'
    }
    expect(await one.read(question, mine)).toBe('mine')
    expect(one.outcomes.at(-1)).toBe('error')
    expect(await other.read(question, async () => 'computed again')).toBe('mine')
  })

  test('takes a version in Redis that is none for one that is not there', async () => {
    const store = createVersionStore()
    const one = newProcess(store)
    const question = newQuestion()
    store.commit(...question.versions)
    const key = versionKey(question.orgId, 'documents')
    for (const wrong of ['nonsense', '1.5', '1e300', '-1', '']) {
      one.pass(VERSION_TTL_MS + 1)
      await one.drain()
      await one.link!.run((r) => r.set(key, wrong))
      const answer = `beside ${wrong}`
      store.commit(...question.versions)
      expect(await one.read(question, async () => answer)).toBe(answer)
    }
  })

  test('every key in Redis begins with an organisation, or is one of those that are known', async () => {
    const store = createVersionStore()
    const one = newProcess(store)
    const question = newQuestion()
    store.commit(...question.versions)
    one.pass(VERSION_TTL_MS + 1)
    await one.drain()
    await one.read(question, async () => 1)
    let release = () => {}
    const busy = one.read(newQuestion(), () => new Promise<number>((resolve) => (release = () => resolve(1))))
    const credential = { name: 'caller.key', secretHash: 'a'.repeat(64), ttlSeconds: 60 }
    await one.lookUp(
      credential,
      async () => 1,
      () => question.versions,
    )
    const all = await vi.waitFor(async () => {
      const keys = await one.link!.run((r) => r.keys('*'))
      for (const part of [':cache:', ':lock:', 'who:', 'version:sequence', `version:${question.orgId}:documents`])
        expect(keys.some((key) => key.includes(part))).toBe(true)
      return keys
    })
    expect(all.filter((key) => !isKnownRedisKey(key))).toEqual([])
    for (const wrong of ['documents.list', `cache:${question.orgId}`, `o:${question.orgId}`, 'o:x:cache', 'who:me'])
      expect(isKnownRedisKey(wrong)).toBe(false)
    release()
    await busy
  })
})
