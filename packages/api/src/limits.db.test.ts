import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRateLimiter, openRedisLink, type RedisLink } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import type { Limits } from '@quarry/config'
import type { Actor } from '@quarry/contracts'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { writeFlag, writeLimits } from '@quarry/db'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createCallLimits, type CallLimits } from './index.ts'
import { call, type Outcome } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'

const REPLICAS = 3
/** What operators change counts a second later; the rest is for a machine that stands still. */
const COUNTS_WITHIN_MS = 10_000
/** A machine that is busy with other tests is no outage of Redis. */
const PATIENT_MS = 20_000

let database: TestDatabase
let server: TestRedis
let folder: string
let cores: readonly WebCore[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-limits-'))
  database = await createTestDatabase()
  server = await startTestRedis()
  const env = testEnvironment(database, folder)
  // A search by words alone, because its model was late, is not kept.
  const adapters = { ...env.adapters, embedding: { kind: 'off' } } as const
  cores = Array.from({ length: REPLICAS }, () => createWebCore({ ...env, adapters }))
})
afterAll(async () => {
  await Promise.all(cores.map((core) => core.close()))
  await database.close()
  await server.close()
  rmSync(folder, { recursive: true })
})

interface Replica {
  readonly core: WebCore
  /** The limits of a new request. */
  limits(network?: string): CallLimits
}

const RATE: Limits['rate'] = { perMinute: 60, perHour: 1000, perMinuteAndAddress: 3000 }

/** Web processes as far as limits go, each with its own way to Redis; `null`: with none. */
const startReplicas = (
  rate: Partial<Limits['rate']>,
  deadlineMs: number | null = PATIENT_MS,
  sharedBy = REPLICAS,
): readonly Replica[] => {
  const links: RedisLink[] = []
  onTestFinished(async () => {
    await Promise.all(links.map((link) => link.close()))
  })
  return cores.map((core) => {
    const link = deadlineMs === null ? null : openRedisLink(server.adapter, { commandDeadlineMs: deadlineMs })
    if (link) links.push(link)
    const { flags, limits } = core.deps
    const rateLimiter = createRateLimiter({ link, replicas: sharedBy })
    const deps = { rateLimiter, flags, limits: { ...limits, rate: { ...RATE, ...rate } } }
    return { core, limits: (network = `network ${randomUUID()}`) => createCallLimits(deps, network) }
  })
}

const as = (
  { core }: Replica,
  limits: CallLimits,
  actor: Actor | null,
  path: string,
  input?: object,
): Promise<Outcome> => call(core, actor, path, input, undefined, undefined, limits)

/** So many calls at once, over all of the replicas. */
const storm = async (replicas: readonly Replica[], calls: number, actor: Actor, path: string, input?: () => object) => {
  const outcomes = await Promise.all(
    Array.from({ length: calls }, (_, i) => {
      const replica = replicas[i % replicas.length]!
      return as(replica, replica.limits('192.0.2.1'), actor, path, input?.())
    }),
  )
  // A busy database may have no time for one that was let through.
  const refused = outcomes.flatMap((outcome) => (!outcome.ok && outcome.status === 429 ? [outcome] : []))
  return { allowed: calls - refused.length, done: outcomes.filter(({ ok }) => ok).length, refused }
}
const newCollection = () => ({ name: randomUUID() })
const collectionsOf = async ({ orgId }: TestTenant): Promise<number> => {
  const [row] = await database.owner<{ n: number }[]>`
    select count(*)::integer as n from collection where org_id = ${orgId} and name ~ '^[0-9a-f-]{36}$'`
  return row?.n ?? 0
}

/** A change costs the organisation a tenth of a token, and a limit of an hour does not fill while the test runs. */
const HUNDRED_CHANGES = { perMinute: 100_000, perHour: 10, perMinuteAndAddress: 100_000 }

it('what is tried by one way and refused, and then refused by the other, is one refusal in the figures', async () => {
  const [core] = cores
  const tenant = await createTenant(database)
  const { limits, metrics } = core!.deps
  const call = createCallLimits({ ...core!.deps, limits: { ...limits, rate: { ...RATE, perMinute: 1 } } }, randomUUID())
  const cost = { caller: 1, organisation: 0 }
  const refusals = async () => {
    const found = (await metrics.text()).matchAll(/^quarry_limit_decisions_total\{.*decision="refused".*\} (\d+)$/gm)
    return [...found].reduce((sum, [, n]) => sum + Number(n), 0)
  }
  const before = await refusals()
  await call.charge(tenant.owner, cost)
  expect(await call.chargeIfAllowed(tenant.owner, cost)).toBe(false)
  await expect(call.charge(tenant.owner, cost)).rejects.toMatchObject({ code: 'rate_limited' })
  expect((await refusals()) - before).toBe(1)
})

describe('check 19: limits over three replicas', () => {
  it('let a hundred of a thousand calls at once through at a limit of a hundred, and what is refused has done nothing', async () => {
    const tenant = await createTenant(database)
    const before = await collectionsOf(tenant)
    const { allowed, done, refused } = await storm(
      startReplicas(HUNDRED_CHANGES),
      1000,
      tenant.owner,
      'collections.create',
      newCollection,
    )
    expect(allowed).toBeGreaterThanOrEqual(100)
    expect(allowed).toBeLessThanOrEqual(101)
    expect(await collectionsOf(tenant)).toBe(before + done)
    expect(refused[0]?.body).toMatchObject({
      code: 'rate_limited',
      message: 'Your workspace has used up its limit of 10 an hour.',
      action: expect.stringMatching(/^It goes on in \d+ seconds\.$/),
      details: { limit: 'organisation', retryAfterSeconds: expect.any(Number) },
    })
  })

  it('mutation: where each replica counts for itself, three times as many get through', async () => {
    const tenant = await createTenant(database)
    const { allowed } = await storm(
      startReplicas({ ...HUNDRED_CHANGES, perHour: 3 }, null),
      200,
      tenant.owner,
      'collections.create',
      newCollection,
    )
    expect(allowed).toBe(90)
  })

  it('control: let through who has waited as long as was said', async () => {
    const tenant = await createTenant(database)
    const replicas = startReplicas({ perMinute: 30 })
    // Reads cost a quarter: one is there again after half a second.
    const { refused } = await storm(replicas, 200, tenant.member, 'collections.list')
    const wait = refused[0]?.body
    expect(wait).toMatchObject({ details: { limit: 'user', retryAfterSeconds: 1 } })
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const again = replicas[1]!
    expect(await as(again, again.limits(), tenant.member, 'collections.list')).toMatchObject({ ok: true })
  })
})

describe('check 16: limits while Redis is away', () => {
  /** Three tokens of the organisation for each replica: thirty changes. */
  const NINETY_CHANGES = { ...HUNDRED_CHANGES, perHour: 9 }
  const OUTAGES = [
    ['stands still', () => Promise.resolve(server.freeze()), () => Promise.resolve(server.thaw())],
    ['is gone', () => server.kill(), () => server.restart()],
  ] as const

  it.each(OUTAGES)('are shared among the replicas while it %s, and nobody waits long', async (_, begin, end) => {
    const tenant = await createTenant(database)
    const replicas = startReplicas(NINETY_CHANGES, 50)
    await begin()
    try {
      const alone = await storm([replicas[0]!], 100, tenant.owner, 'collections.create', newCollection)
      expect(alone.allowed).toBe(30)
      const all = await storm(replicas, 200, tenant.owner, 'collections.create', newCollection)
      expect(all.allowed).toBe(60)
    } finally {
      await end()
    }
  })

  it('mutation: a replica that does not know of the others allows the whole limit', async () => {
    const tenant = await createTenant(database)
    const [replica] = startReplicas(NINETY_CHANGES, 50, 1)
    server.freeze()
    try {
      const { allowed } = await storm([replica!], 120, tenant.owner, 'collections.create', newCollection)
      expect(allowed).toBe(90)
    } finally {
      server.thaw()
    }
  })

  it('control: are counted together again when it is back', async () => {
    const tenant = await createTenant(database)
    const replicas = startReplicas({ ...HUNDRED_CHANGES, perHour: 3 })
    const { allowed } = await storm(replicas, 100, tenant.owner, 'collections.create', newCollection)
    expect(allowed).toBe(30)
  })
})

describe('a call', () => {
  const stateOf = (limits: CallLimits) => limits.headers()['ratelimit']

  it('of whatever kind is charged what it costs, and says what is left', async () => {
    const tenant = await createTenant(database)
    const [replica] = startReplicas({ perMinute: 60_000, perHour: 3_600_000 })
    const limits = replica!.limits()
    for (let i = 0; i < 10; i++) await as(replica!, limits, tenant.owner, 'members.list')
    await as(replica!, limits, tenant.owner, 'collections.create', newCollection())
    await as(replica!, limits, tenant.owner, 'documents.get', { id: 'no id' })
    expect(limits.headers()['ratelimit-policy']).toBe(
      '"user";q=60000;w=60, "organisation";q=3600000;w=3600, "address";q=3000;w=60',
    )
    // 10 × 0.25 + 1 + 0.05 of 60,000, of which 1000 flow in a second: full again, but for the last calls.
    expect(stateOf(limits)).toMatch(/^"user";r=59\d\d\d;t=1, "organisation";r=3599\d\d\d;t=1$/)
  })

  it('that its role does not allow is charged to the caller, and not to the organisation', async () => {
    const tenant = await createTenant(database)
    const [replica] = startReplicas({})
    const limits = replica!.limits()
    for (let i = 0; i < 20; i++)
      expect(await as(replica!, limits, tenant.viewer, 'collections.create', newCollection())).toMatchObject({
        status: 403,
      })
    expect(stateOf(limits)).toMatch(/^"user";r=[45]\d;t=\d+, "organisation";r=1000;t=0$/)
  })

  it('of nobody, and of whoever guesses keys, is charged to the address', async () => {
    const [replica] = startReplicas({ perMinuteAndAddress: 5 })
    const network = randomUUID()
    const outcomes: Outcome[] = []
    for (let i = 0; i < 30; i++) outcomes.push(await as(replica!, replica!.limits(network), null, 'session.me'))
    const statuses = outcomes.map((outcome) => (outcome.ok ? 200 : outcome.status))
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401))
    expect(statuses.at(-1)).toBe(429)
    expect(outcomes.at(-1)).toMatchObject({
      body: { message: 'Too many requests come from your network.', details: { limit: 'address' } },
    })
    const elsewhere = replica!.limits()
    expect(await as(replica!, elsewhere, null, 'session.me')).toMatchObject({ status: 401 })
    // What others at the same address have used is not said.
    expect(elsewhere.headers()).toEqual({ 'ratelimit-policy': '"address";q=5;w=60' })
  })

  it('from an address that has nothing left is refused before anybody is looked up', async () => {
    const [replica] = startReplicas({ perMinuteAndAddress: 1 })
    const network = randomUUID()
    for (let i = 0; i < 6; i++) await as(replica!, replica!.limits(network), null, 'session.me')
    expect(() => replica!.limits(network).requireAddress()).toThrow('Too many requests')
    expect(() => replica!.limits().requireAddress()).not.toThrow()
  })

  it('of one tenant tells another at the same address nothing, and takes nothing from it', async () => {
    const [a, b] = [await createTenant(database), await createTenant(database)]
    const [replica] = startReplicas({ perMinute: 10 })
    const network = randomUUID()
    for (let i = 0; i < 60; i++) await as(replica!, replica!.limits(network), a.member, 'members.list')
    const limits = replica!.limits(network)
    expect(await as(replica!, limits, b.member, 'members.list')).toMatchObject({ ok: true })
    expect(stateOf(limits)).toBe('"user";r=9;t=2, "organisation";r=1000;t=0')
  })

  it('that is answered from the cache costs the organisation nothing, also when it has nothing left', async () => {
    const tenant = await createTenant(database)
    // A search that has to be computed costs a tenth.
    const [replica] = startReplicas({ perMinute: 100_000, perHour: 1 })
    const search = (query: string) => as(replica!, replica!.limits(), tenant.member, 'search.query', { query })
    for (let i = 0; i < 30; i++) expect(await search('granite')).toMatchObject({ ok: true })
    for (let i = 1; i < 10; i++) expect(await search(`granite ${i}`)).toMatchObject({ ok: true })
    expect(await search('limestone')).toMatchObject({ status: 429, body: { details: { limit: 'organisation' } } })
    expect(await search('granite')).toMatchObject({ ok: true })
  })

  it('of a person is charged to the person, whatever organisation they are in', async () => {
    const tenant = await createTenant(database)
    const [replica] = startReplicas({ perMinute: 3 })
    const accept = () => as(replica!, replica!.limits(), tenant.member, 'organisation.switch', { id: tenant.orgId })
    for (let i = 0; i < 3; i++) await accept()
    expect(await accept()).toMatchObject({ status: 429, body: { details: { limit: 'user' } } })
  })
})

describe('an operator', () => {
  it('gives an organisation limits of its own, and takes all limits of calls away, without a restart', async () => {
    const [tenant, other] = [await createTenant(database), await createTenant(database)]
    const [replica] = startReplicas({ perMinute: 2 })
    const { core } = replica!
    const reads = async ({ member }: TestTenant, calls: number) => {
      const outcomes: Outcome[] = []
      for (let i = 0; i < calls; i++) outcomes.push(await as(replica!, replica!.limits(), member, 'members.list'))
      return outcomes.filter(({ ok }) => ok).length
    }
    expect(await reads(tenant, 20)).toBeLessThan(20)
    await database.database.system((tx) => writeLimits(tx, { orgId: tenant.orgId, perMinute: 600 }))
    await vi.waitUntil(async () => (await core.deps.flags.limitsOf(tenant.orgId)).perMinute === 600, COUNTS_WITHIN_MS)
    const limits = replica!.limits()
    await vi.waitUntil(async () => (await as(replica!, limits, tenant.member, 'members.list')).ok, COUNTS_WITHIN_MS)
    expect(limits.headers()['ratelimit-policy']).toContain('"user";q=600;w=60')
    expect(await reads(other, 20)).toBeLessThan(20)

    await database.database.system((tx) =>
      writeFlag(tx, { name: 'limits.calls', orgId: other.orgId, enabled: false, percentage: 100 }),
    )
    await vi.waitUntil(async () => !(await core.deps.flags.isOn('limits.calls', other.orgId)), COUNTS_WITHIN_MS)
    expect(await reads(other, 50)).toBe(50)
  })
})
