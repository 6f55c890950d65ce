import { appRouter } from '@quarry/api'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { collectionId, me, type Actor } from '@quarry/contracts'
import { writeFlag } from '@quarry/db'
import { createDocument } from '@quarry/db/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { openBothWays, type BothWays, type Sent } from '../testing/both-ways.ts'
import { ask, change, newMember, type Credential } from '../testing/people.ts'
import { signUp } from '../testing/sign-up.ts'
import { startWebProcess, type WebProcess } from '../testing/web-process.ts'

const withId = z.looseObject({ id: z.string() })

let redis: TestRedis
let web: WebProcess
let ways: BothWays
let people: Record<'owner' | 'viewer' | 'key' | 'other', Credential>
let theirs: { readonly collection: string; readonly document: string }

beforeAll(async () => {
  redis = await startTestRedis()
  web = await startWebProcess({ variables: { REDIS_URL: redis.adapter.url, EMBEDDING_MODEL: 'off' } })
  await web.core.start()
  ways = await openBothWays(redis)
  const owner = await signUp('Fernhollow')
  const secret = z.object({ secret: z.string() })
  const key = await change(secret, 'keys.create', owner, { name: 'program', role: 'member' })
  people = {
    owner,
    viewer: await newMember(owner, 'viewer'),
    key: { headers: { authorization: `Bearer ${key.secret}` } },
    other: await signUp('Marshland'),
  }
  const collection = (await change(withId, 'collections.create', owner, { name: 'Plans', visibility: 'organisation' }))
    .id
  const { organisation } = await ask(me, 'session.me', owner)
  const orgId = organisation.id
  const tenant = {
    ...{ orgId, system: { kind: 'system', id: null, orgId, role: 'owner' } as const },
    as: (actor: Actor) => web.core.deps.database.tenant(actor),
  }
  const pages = ['The orchid is “loud” in these plans: <b>ü</b> \u2028']
  const { documentId } = await createDocument(tenant, collectionId.parse(collection), { path: 'a "plan".md', pages })
  theirs = { collection, document: documentId }
  await web.core.deps.wrote([orgId])
})
beforeEach(() => ways.refill())
afterAll(async () => {
  await ways.close()
  await web.close()
  await redis.close()
})

/** What is sent with each query whose answers are kept. A test compares it with the router. */
const INPUTS: Readonly<Record<string, () => readonly unknown[]>> = {
  'session.me': () => [undefined],
  'collections.list': () => [undefined],
  'documents.list': () => [{}, { collectionId: theirs.collection }, { query: 'plan', limit: 5 }],
  'documents.get': () => [{ id: theirs.document }],
  'search.query': () => [{ query: 'loud' }, { query: 'loud', collectionIds: [theirs.collection] }],
  'search.facets': () => [undefined],
}

const targetOf = (path: string, input: unknown): string =>
  input === undefined ? path : `${path}?input=${encodeURIComponent(JSON.stringify(input))}`
type Call = readonly [path: string, input: unknown]
const batchOf = (calls: readonly Call[]): string => {
  const inputs = Object.fromEntries(calls.map(([, input], i) => [i, input]))
  return `${calls.map(([path]) => path).join(',')}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`
}
const allCalls = (): Call[] =>
  Object.entries(INPUTS).flatMap(([path, inputs]) => inputs().map((input): Call => [path, input]))

/** Whole numbers of tokens and seconds, which flow while several calls are charged one after the other. */
const wholeNumbers = (headers: Readonly<Record<string, string>>): number[] =>
  [...(headers['ratelimit'] ?? '').matchAll(/[rt]=(\d+)/g)].map(([, digits]) => Number(digits))
/** The longest that a busy machine takes between the first call of a batch and the last. */
const MEANWHILE = 3

/** The same request both ways, each with full buckets; whether what was kept answered, and what it said. */
const sameBothWays = async (target: string, sent: Sent, calls = 1) => {
  await ways.refill()
  const expected = await ways.canonical(target, sent)
  const [expectedLevels] = [await ways.levels(), await ways.refill()]
  const { wasKept, ...told } = await ways.ours(target, sent)
  const levels = await ways.levels()
  if (calls === 1) {
    expect(told, target).toEqual(expected)
    expect(levels, target).toEqual(expectedLevels)
  } else {
    const flowing = { headers: { ...expected.headers, ratelimit: expect.any(String) } }
    expect(told, target).toEqual({ ...expected, ...(expected.headers['ratelimit'] !== undefined && flowing) })
    const [found, wanted] = [wholeNumbers(told.headers), wholeNumbers(expected.headers)]
    expect(found).toHaveLength(wanted.length)
    for (const [i, number] of found.entries())
      expect(Math.abs(number - (wanted[i] ?? Infinity))).toBeLessThanOrEqual(MEANWHILE)
    expect(Object.keys(levels)).toEqual(Object.keys(expectedLevels))
    for (const [key, level] of Object.entries(levels))
      expect(Math.abs(level - (expectedLevels[key] ?? Infinity)), key).toBeLessThan(MEANWHILE)
  }
  return { wasKept, told, levels }
}

/** Until what can be kept is: a caller is known from their third call on. */
const warm = async (target: string, as: Credential): Promise<void> => {
  for (let i = 0; i < 3; i++) await ways.canonical(target, { as })
  await ways.refill()
}

const who = ['owner', 'viewer', 'key'] as const

it('is proved for every query of the router whose answers are kept', () => {
  const withCache = z.object({ meta: z.object({ cache: z.object({}) }) })
  // oxlint-disable-next-line no-underscore-dangle -- where tRPC keeps what a router is made of
  const kept = Object.entries<unknown>(appRouter._def.procedures).filter(
    ([, procedure]) => withCache.safeParse(Reflect.get(Object(procedure), '_def')).success,
  )
  expect(Object.keys(INPUTS).toSorted()).toEqual(kept.map(([path]) => path).toSorted())
})

describe.each(who)('what is kept, asked for by the %s', (name) => {
  it.each(Object.keys(INPUTS))('%s: the same bytes, head and charges as from the API itself', async (path) => {
    const as = people[name]
    for (const input of INPUTS[path]?.() ?? []) {
      for (const target of [targetOf(path, input), batchOf([[path, input]])]) {
        await warm(target, as)
        const { wasKept, told, levels } = await sameBothWays(target, { as })
        expect({ wasKept, status: told.status }, target).toEqual({ wasKept: true, status: 200 })
        expect(told.headers['ratelimit']).toContain('"user"')
        expect(Object.values(levels)).toContain(path === 'search.query' ? 0.5 : path === 'documents.get' ? 0.05 : 0.25)
      }
    }
  })

  it('in batches: every order, the same call twice, as many as may be', async () => {
    const as = people[name]
    const all = allCalls()
    for (const calls of [all, all.toReversed(), [...all.slice(0, 5), ...all.slice(0, 5)]]) {
      const target = batchOf(calls)
      await warm(target, as)
      const { wasKept, told } = await sameBothWays(target, { as }, calls.length)
      expect(wasKept, target).toBe(true)
      expect(z.array(z.object({ result: z.object({ data: z.unknown() }) })).parse(JSON.parse(told.body))).toHaveLength(
        calls.length,
      )
    }
  })
})

describe('what is not answered from what is kept is answered by the API, to the letter', () => {
  const eleven = Array.from({ length: 11 }, (): Call => ['session.me', undefined])
  const REQUESTS: readonly (readonly [what: string, target: () => string, sent?: Sent, calls?: number])[] = [
    ['an unknown procedure', () => 'documents.nothing'],
    ['a procedure that is not a query', () => 'collections.create'],
    ['a query whose answers are not kept', () => 'members.list'],
    [
      'a batch with one of them',
      () =>
        batchOf([
          ['session.me', undefined],
          ['members.list', undefined],
        ]),
      {},
      2,
    ],
    [
      'a batch with an unknown one',
      () =>
        batchOf([
          ['session.me', undefined],
          ['no.such', undefined],
        ]),
      {},
      2,
    ],
    ['more calls than a request may carry', () => batchOf(eleven), {}, 11],
    ['an empty name', () => 'session.me,?batch=1&input={}', {}, 2],
    ['several names, and no batch', () => 'session.me,session.me'],
    ['an input that is no JSON', () => 'documents.list?input={'],
    ['an input that the procedure refuses', () => targetOf('documents.list', { limit: -1 })],
    ['a batch whose input is a list', () => 'session.me?batch=1&input=[]'],
    ['a batch whose input is nothing', () => 'session.me?batch=1&input=null'],
    ['another word for a batch', () => 'session.me?batch=true&input={}'],
    ['two inputs', () => `${targetOf('documents.list', {})}&input=${encodeURIComponent('{"limit":1}')}`],
    ['parameters of a connection', () => 'session.me?connectionParams={'],
    ['a comma written otherwise', () => 'session.me%2Csession.me?batch=1&input={}', {}, 2],
    ['a name written otherwise', () => 'session%2Eme'],
    ['a name of every object', () => 'constructor?batch=1&input={}'],
    ['a slash too many', () => '/session.me'],
    ['a stream of lines', () => 'session.me?batch=1&input={}', { headers: { 'trpc-accept': 'application/jsonl' } }],
    ['lines by Accept', () => 'session.me?batch=1&input={}', { headers: { accept: 'application/jsonl' } }],
    ['a form', () => 'session.me', { headers: { 'content-type': 'multipart/form-data; boundary=x' } }],
    ['another method', () => 'session.me', { method: 'HEAD' }],
    ['an empty POST', () => 'session.me', { method: 'POST', headers: { 'content-type': 'application/json' } }],
    ['a body where none is meant', () => 'session.me', { headers: { 'content-length': '0' } }],
    [
      'an input too large to be kept',
      () =>
        targetOf('search.query', {
          query: 'loud',
          collectionIds: Array.from({ length: 110 }, () => theirs.collection),
        }),
    ],
  ]

  it.each(REQUESTS.map(([what, ...request]) => ({ what, request })))('$what', async ({ request }) => {
    const [target, sent = {}, calls = 1] = request
    await warm('session.me', people.owner)
    const { wasKept } = await sameBothWays(target(), { as: people.owner, ...sent }, calls)
    expect(wasKept).toBe(false)
  })

  it.each([
    ['nobody', null],
    ['a key that nobody has', { headers: { authorization: 'Bearer qk_nobody' } }],
    ['another kind of authorisation', { headers: { authorization: 'Basic cXVhcnJ5' } }],
    ['a cookie that nobody has', { cookie: 'better-auth.session_token=nobody.nothing' }],
  ])('for %s', async (_, as) => {
    await warm('session.me', people.owner)
    const { wasKept, told } = await sameBothWays('session.me', { as })
    expect({ wasKept, status: told.status }).toEqual({ wasKept: false, status: 401 })
  })

  it('a key besides a cookie: the key counts, also one that nobody has', async () => {
    const cookie = 'cookie' in people.owner ? people.owner.cookie : ''
    await warm('session.me', people.owner)
    const headers = { cookie, authorization: 'Bearer qk_nobody' }
    const { wasKept, told } = await sameBothWays('session.me', { headers })
    expect({ wasKept, status: told.status }).toEqual({ wasKept: false, status: 401 })
  })

  it('for another organisation: none of the answers, whoever has been told them', async () => {
    for (const [path, input] of allCalls()) {
      const target = targetOf(path, input)
      await warm(target, people.owner)
      await warm(target, people.other)
      const { told } = await sameBothWays(target, { as: people.other })
      expect(told.body, target).not.toContain('plan')
      expect(told.body, target).not.toContain('Fernhollow')
    }
  })

  it('who has used up their limit: refused in the same words, and charged nothing for the attempt', async () => {
    const as = people.viewer
    const target = batchOf(allCalls())
    await warm(target, as)
    let { status } = await ways.ours(target, { as })
    await vi.waitUntil(async () => ({ status } = await ways.ours(target, { as })).status !== 200, { timeout: 20_000 })
    // Of a batch some calls are refused, each for itself, as they are without us.
    expect([207, 429]).toContain(status)
    const [canonical, { wasKept, ...told }] = [await ways.canonical(target, { as }), await ways.ours(target, { as })]
    expect(wasKept).toBe(false)
    expect([canonical.status, told.status].every((one) => one === 207 || one === 429)).toBe(true)
    expect(Object.keys(told.headers)).toEqual(Object.keys(canonical.headers))
    expect(told.headers['retry-after']).toBe(canonical.headers['retry-after'])
  })
})

describe('what is switched and what fails', () => {
  const switchFlag = async (name: 'cache.reads' | 'limits.calls', enabled: boolean) => {
    const { organisation } = await ask(me, 'session.me', people.owner)
    await web.core.deps.database.system((tx) =>
      writeFlag(tx, { name, orgId: organisation.id, enabled, percentage: 100 }),
    )
    await expect.poll(() => web.core.deps.flags.isOn(name, organisation.id)).toBe(enabled)
  }
  afterEach(async () => {
    for (const flag of ['cache.reads', 'limits.calls'] as const) await switchFlag(flag, true)
  })

  it('nothing is kept: the API answers', async () => {
    await warm('session.me', people.owner)
    expect((await ways.ours('session.me', { as: people.owner })).wasKept).toBe(true)
    await switchFlag('cache.reads', false)
    expect((await sameBothWays('session.me', { as: people.owner })).wasKept).toBe(false)
  })

  it('nothing is limited: what is kept is answered, and says nothing of limits', async () => {
    await switchFlag('limits.calls', false)
    await warm('session.me', people.owner)
    const { wasKept, told, levels } = await sameBothWays('session.me', { as: people.owner })
    expect({ wasKept, levels }).toEqual({ wasKept: true, levels: {} })
    expect(told.headers['ratelimit']).toBeUndefined()
  })

  it('counts each read once, whichever way it was answered', async () => {
    const counted = async () => {
      const metrics = await web.core.deps.metrics.registry.getMetricsAsJSON()
      const reads = metrics.find(({ name }) => name === 'quarry_cached_reads_total')
      return Object.fromEntries((reads?.values ?? []).map(({ labels, value }) => [JSON.stringify(labels), value]))
    }
    const hitsOf = async (what: () => Promise<unknown>): Promise<Record<string, number>> => {
      const before = await counted()
      await what()
      const changed = Object.entries(await counted()).map(([key, value]) => [key, value - (before[key] ?? 0)] as const)
      return Object.fromEntries(changed.filter(([, more]) => more !== 0))
    }
    const mixed = batchOf([
      ['documents.list', {}],
      ['members.list', undefined],
      ['collections.list', undefined],
    ])
    const onlyKept = batchOf([
      ['documents.list', {}],
      ['collections.list', undefined],
      ['session.me', undefined],
    ])
    for (const target of [mixed, onlyKept, targetOf('documents.list', { query: 'never asked before' })]) {
      await warm(onlyKept, people.viewer)
      const ours = await hitsOf(() => ways.ours(target, { as: people.viewer }))
      await ways.canonical(target, { as: people.viewer })
      const canonical = await hitsOf(() => ways.canonical(target, { as: people.viewer }))
      if (target === onlyKept) {
        // The mount asks once for what each call depends on, and so do we.
        expect(Object.values(ours).every((n) => n > 0)).toBe(true)
        expect(Object.keys(ours).toSorted()).toEqual(Object.keys(canonical).toSorted())
      }
      for (const [key, n] of Object.entries(ours)) if (!key.includes('miss')) expect(n, key).toBe(canonical[key])
    }
  })

  it('a session that is due is prolonged, and its new cookie reaches whose it is', async () => {
    const person = await newMember(people.owner)
    const DAY_MS = 24 * 3600 * 1000
    // Due in a minute: 29 of 30 days are left then.
    const dueAt = new Date(Date.now() + 60_000)
    await web.database.owner.unsafe(
      `update auth.session set expires_at = $2 where user_id = (select id from auth."user" where email = $1)`,
      [person.email, new Date(dueAt.getTime() + 29 * DAY_MS)],
    )
    await warm('session.me', person)
    expect(await ways.ours('session.me', { as: person })).toMatchObject({ wasKept: true, headers: {} })
    vi.useFakeTimers({ toFake: ['Date'], now: dueAt.getTime() + 1_000 })
    onTestFinished(() => void vi.useRealTimers())
    const told = await ways.ours('session.me', { as: person })
    expect(told).toMatchObject({ wasKept: false, status: 200 })
    expect(told.headers['set-cookie']).toContain('session_token=')
  })

  it('Redis is away: the same answers, and the limits go on', async () => {
    const as = people.key
    const target = batchOf(allCalls())
    await warm(target, as)
    await redis.kill()
    try {
      const seen = new Set<number>()
      const { wasKept, ...told } = await ways.ours(target, { as })
      const canonical = await ways.canonical(target, { as })
      expect({ status: told.status, body: told.body }).toEqual({ status: canonical.status, body: canonical.body })
      // Ten answers of a process that counts for itself, and which cost 3 tokens: 60 are gone soon.
      for (let i = 0; i < 40; i++) seen.add((await ways.ours(target, { as })).status)
      expect(seen.has(429) || seen.has(207)).toBe(true)
      expect(typeof wasKept).toBe('boolean')
    } finally {
      await redis.restart()
    }
  })
})
