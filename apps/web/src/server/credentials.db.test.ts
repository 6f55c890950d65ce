import { createHash } from 'node:crypto'
import { Redis } from 'ioredis'
import { isKnownRedisKey } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { createWebCore, type WebCore } from '@quarry/core/web'
import type { StatementWatcher } from '@quarry/db'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { handleAuth } from './auth-mount.ts'
import { elsewhereOf } from './testing/elsewhere.ts'
import { ask, change, memberId, newKey, newMember, request, type Credential } from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'

/** What is promised. A busy machine gets another try: three times in a row, it is us. */
const WITHIN_MS = 1_000
const MEASURED = { retry: 2 }
const UNLIMITED = {
  RATE_LIMIT_PER_MINUTE: '1000000',
  RATE_LIMIT_PER_HOUR: '1000000',
  RATE_LIMIT_IP_PER_MINUTE: '1000000',
}
const withId = z.looseObject({ id: z.string() })
const me = withId.extend({ role: z.string(), organisation: withId })

describe.each([
  { name: 'with Redis', open: startTestRedis },
  { name: 'without Redis', open: () => null },
])('two processes $name', ({ open }) => {
  let redis: TestRedis | null
  let web: WebProcess
  let second: WebCore
  let owner: { cookie: string; email: string }
  /** Look-ups of sessions and keys that reached the database. */
  let lookUps = 0
  const watch: StatementWatcher = ({ text }, run) => {
    if (/from "auth"\."(session|apikey)"/.test(text)) lookUps++
    return run()
  }
  beforeAll(async () => {
    redis = await open()
    web = await startWebProcess({ variables: { ...UNLIMITED, ...(redis && { REDIS_URL: redis.adapter.url }) }, watch })
    const { adapters, limits } = web.env
    second = createWebCore({ adapters, limits, logger: createLogger({ name: 'test', level: 'silent' }), watch })
    await Promise.all([web.core.start(), second.start()])
  })
  beforeEach(async () => {
    owner = await signUp('Fernhollow')
  })
  afterAll(async () => {
    await second.close()
    await web.close()
    await redis?.close()
  })

  const elsewhere = <T>(work: () => Promise<T>): Promise<T> => elsewhereOf(web, second)(work)
  const statusOf = async (as: Credential) => (await request('GET', 'session.me', undefined, as)).status
  /** The first look-up says whose it is, the second one is kept, the third one is found. */
  const warm = async (as: Credential) => {
    for (let i = 0; i < 3; i++) {
      expect(await statusOf(as)).toBe(200)
      expect(await elsewhere(() => statusOf(as))).toBe(200)
    }
  }
  /** Here at once, elsewhere in a second. */
  const expectEverywhere = async <T>(what: () => Promise<T>, expected: T) => {
    expect(await what()).toEqual(expected)
    await expect.poll(() => elsewhere(what), { timeout: WITHIN_MS, interval: 20 }).toEqual(expected)
  }

  it('a session and a key that are known cost no look-up, in any process', async () => {
    const key = await newKey(owner)
    for (const as of [owner, key]) {
      lookUps = 0
      await warm(as)
      expect(lookUps).toBeGreaterThan(0)
      lookUps = 0
      for (let i = 0; i < 5; i++) {
        await statusOf(as)
        await elsewhere(() => statusOf(as))
      }
      expect(lookUps).toBe(0)
    }
  })

  it('signing out, losing a session, a key, a membership or a role counts everywhere', MEASURED, async () => {
    const [leaver, removed, changed] = [await newMember(owner), await newMember(owner), await newMember(owner)]
    const key = await newKey(owner)
    for (const as of [leaver, removed, changed, key]) await warm(as)

    await handleAuth(browserRequest('/api/auth/sign-out', { cookie: leaver.cookie, json: {} }))
    await expectEverywhere(() => statusOf(leaver), 401)
    await change(z.unknown(), 'members.remove', owner, { id: await memberId(owner, removed.email) })
    await expectEverywhere(() => statusOf(removed), 401)
    await change(z.unknown(), 'keys.revoke', owner, { id: key.id })
    await expectEverywhere(() => statusOf(key), 401)
    const roleOf = async () => (await ask(me, 'session.me', changed)).role
    expect(await roleOf()).toBe('member')
    await change(z.unknown(), 'members.changeRole', owner, { id: await memberId(owner, changed.email), role: 'viewer' })
    await expectEverywhere(roleOf, 'viewer')
  })

  it(
    'what is done to the rows by somebody else counts, too: a session deleted, a key switched off',
    MEASURED,
    async () => {
      const person = await newMember(owner)
      const key = await newKey(owner)
      for (const as of [person, key]) await warm(as)
      await web.database.owner.unsafe(
        `delete from auth.session where user_id = (select id from auth."user" where email = $1)`,
        [person.email],
      )
      await web.database.owner.unsafe(`update auth.apikey set enabled = false where id = $1`, [key.id])
      for (const as of [person, key])
        for (const look of [() => statusOf(as), () => elsewhere(() => statusOf(as))])
          await expect.poll(look, { timeout: WITHIN_MS, interval: 20 }).toBe(401)
    },
  )

  it('mutation: without the trigger on sessions, one that is gone goes on', async () => {
    const person = await newMember(owner)
    await web.database.owner.unsafe(`alter table auth.session disable trigger touch`)
    try {
      await warm(person)
      await web.database.owner.unsafe(
        `delete from auth.session where user_id = (select id from auth."user" where email = $1)`,
        [person.email],
      )
      // For nothing to happen in: the whole of the time in which it should.
      await new Promise((resolve) => setTimeout(resolve, WITHIN_MS))
      expect([await statusOf(person), await elsewhere(() => statusOf(person))]).toEqual([200, 200])
    } finally {
      await web.database.owner.unsafe(`alter table auth.session enable trigger touch`)
    }
  })

  it('who works in another workspace works there everywhere', MEASURED, async () => {
    const person = await signUp('Elsewhere')
    const { organisation } = await ask(me, 'session.me', person)
    const [{ id: own }, email] = [organisation, person.email]
    const [user] = await web.database.owner.unsafe<{ id: string }[]>(`select id from auth."user" where email = $1`, [
      email,
    ])
    const joined = (await ask(me, 'session.me', owner)).organisation.id
    await web.database.owner.unsafe(
      `insert into auth.member (organization_id, user_id, role) values ($1, $2, 'member')`,
      [joined, user?.id ?? ''],
    )
    const where = async () => (await ask(me, 'session.me', person)).organisation.id
    await warm(person)
    expect(await where()).toBe(own)
    await change(z.unknown(), 'organisation.switch', person, { id: joined })
    await expectEverywhere(where, joined)
  })

  it('a session and a key that are over end in the middle of what is kept', async () => {
    const person = await newMember(owner)
    const key = await newKey(owner)
    const soon = `now() + interval '2 seconds'`
    await web.database.owner.unsafe(
      `update auth.session set expires_at = ${soon} where user_id = (select id from auth."user" where email = $1)`,
      [person.email],
    )
    await web.database.owner.unsafe(`update auth.apikey set expires_at = ${soon} where id = $1`, [key.id])
    await expect.poll(() => statusOf(key), { timeout: 10_000 }).toBe(401)
    await expect.poll(() => statusOf(person), { timeout: 10_000 }).toBe(401)
    for (const as of [person, key]) expect(await elsewhere(() => statusOf(as))).toBe(401)
  })

  it('a credential of nobody is nobody for a moment only, and is kept nowhere', async () => {
    const { secret: model } = await newKey(owner)
    const secret = `${model.slice(0, -8)}${crypto.randomUUID().slice(0, 8)}`
    const guess = { headers: { authorization: `Bearer ${secret}` } }
    expect(await statusOf(guess)).toBe(401)
    const { id } = await newKey(owner)
    const hash = createHash('sha256').update(secret).digest('base64url')
    await web.database.owner.unsafe(`update auth.apikey set key = $1 where id = $2`, [hash, id])
    await expect.poll(() => statusOf(guess), { timeout: 5_000, interval: 100 }).toBe(200)
  })

  it('a key notes that it was used, also where it is not looked up any more', async () => {
    const key = await newKey(owner)
    await warm(key)
    await expect
      .poll(async () => {
        const [row] = await web.database.owner.unsafe<{ used: boolean }[]>(
          `select last_request is not null as used from auth.apikey where id = $1`,
          [key.id],
        )
        return row?.used
      })
      .toBe(true)
  })

  it('Redis holds no secret, and nothing of a tenant outside of its keys', async () => {
    if (redis === null) return
    const key = await newKey(owner)
    for (const as of [owner, key]) await warm(as)
    const token = decodeURIComponent(/session_token=([^;]+)/.exec(owner.cookie)?.[1] ?? '')
    expect(token.length).toBeGreaterThan(20)
    const client = new Redis(redis.adapter.url)
    const names = await client.keys('*')
    const said = []
    for (const name of names) {
      expect(isKnownRedisKey(name), name).toBe(true)
      said.push(name, String(await client.get(name).catch(() => '')))
    }
    await client.quit()
    expect(names.filter((name) => name.startsWith('who:')).length).toBeGreaterThan(1)
    for (const secret of [token, token.split('.')[0] ?? '', key.secret, encodeURIComponent(token)])
      expect(said.join('\n')).not.toContain(secret)
  })
})
