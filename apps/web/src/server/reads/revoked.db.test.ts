import type { IncomingMessage, ServerResponse } from 'node:http'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { openBothWays, type BothWays } from '../testing/both-ways.ts'
import { elsewhereOf } from '../testing/elsewhere.ts'
import { change, memberId, newKey, newMember, type Credential } from '../testing/people.ts'
import { signUp } from '../testing/sign-up.ts'
import { startWebProcess, type WebProcess } from '../testing/web-process.ts'
import { answerRead } from './answer-read.ts'

/** What is promised. A machine that stands still for a second says nothing about us; three times in a row, it is us. */
const WITHIN_MS = 1_000
const MEASURED = { retry: 2 }
const UNLIMITED = {
  RATE_LIMIT_PER_MINUTE: '1000000',
  RATE_LIMIT_PER_HOUR: '1000000',
  RATE_LIMIT_IP_PER_MINUTE: '1000000',
}
const withId = z.looseObject({ id: z.string() })

let redis: TestRedis
let web: WebProcess
let second: WebCore
let ways: BothWays
let owner: { cookie: string; email: string }

beforeAll(async () => {
  redis = await startTestRedis()
  web = await startWebProcess({
    variables: { ...UNLIMITED, REDIS_URL: redis.adapter.url, EMBEDDING_MODEL: 'off' },
  })
  const { adapters, limits } = web.env
  second = createWebCore({ adapters, limits, logger: createLogger({ name: 'test', level: 'silent' }) })
  await Promise.all([web.core.start(), second.start()])
  ways = await openBothWays(redis)
  owner = await signUp('Fernhollow')
})
afterAll(async () => {
  await ways.close()
  await second.close()
  await web.close()
  await redis.close()
})

const elsewhere = <T>(work: () => Promise<T>): Promise<T> => elsewhereOf(web, second)(work)
const changeElsewhere = (path: string, input: object) => elsewhere(() => change(z.unknown(), path, owner, input))

const TARGET = 'session.me,collections.list?batch=1&input={}'

/** Somebody who is answered from what is kept. */
const warm = async (at: BothWays, as: Credential): Promise<void> => {
  for (let i = 0; i < 3; i++) await at.canonical(TARGET, { as })
  expect(await at.ours(TARGET, { as })).toMatchObject({ wasKept: true, status: 200 })
}
/** Asked all the time, until it is what is expected, which it is in time. */
const expectSoon = (what: () => Promise<unknown>, expected: unknown) =>
  expect.poll(what, { timeout: WITHIN_MS, interval: 10 }).toEqual(expected)

/** What was removed, revoked, changed or closed by another process, and what is told of it. */
const leavesNothing = async (at: BothWays): Promise<void> => {
  const [removed, changed] = [await newMember(owner), await newMember(owner)]
  const key = await newKey(owner)
  for (const as of [removed, changed, key]) await warm(at, as)
  const statusOf = (as: Credential) => async () => (await at.ours(TARGET, { as })).status

  await changeElsewhere('members.remove', { id: await memberId(owner, removed.email) })
  await expectSoon(statusOf(removed), 401)
  await changeElsewhere('keys.revoke', { id: key.id })
  await expectSoon(statusOf(key), 401)
  await changeElsewhere('members.changeRole', { id: await memberId(owner, changed.email), role: 'viewer' })
  await expectSoon(async () => /"role":"(\w+)"/.exec((await at.ours(TARGET, { as: changed })).body)?.[1], 'viewer')

  const { id } = await elsewhere(() =>
    change(withId, 'collections.create', owner, { name: 'Open plans', visibility: 'organisation' }),
  )
  const shown = async () => (await at.ours(TARGET, { as: changed })).body.includes(id)
  await expectSoon(shown, true)
  await changeElsewhere('collections.update', { id, visibility: 'restricted' })
  await expectSoon(shown, false)
}

/** Remembers what it has given, by what stands in the request: a cache of bytes in front of everything. */
const remembering = (keyOf: (request: IncomingMessage) => string) => {
  const given = new Map<string, string>()
  return async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    const body = given.get(keyOf(request))
    if (body !== undefined) {
      response.end(body)
      return true
    }
    const end = response.end.bind(response)
    // What is written is noted on its way out.
    response.end = ((text: string) => {
      given.set(keyOf(request), text)
      return end(text)
    }) as typeof response.end
    return answerRead(request, response)
  }
}

describe('what is answered from what is kept', () => {
  it('is not told any more a second after it was taken away, by whatever process', MEASURED, async () => {
    await expect(leavesNothing(ways)).resolves.toBeUndefined()
  })

  it('is told anew at once to who has changed something', async () => {
    const [before] = [await newMember(owner)]
    await warm(ways, owner)
    const name = crypto.randomUUID()
    await change(withId, 'collections.create', owner, { name, visibility: 'organisation' })
    expect((await ways.ours(TARGET, { as: owner })).body).toContain(name)
    expect((await ways.ours(TARGET, { as: before })).body).toContain(name)
  })

  it.each([
    [
      'bytes by credential and address',
      ({ url, headers }: IncomingMessage) => `${url} ${headers.cookie ?? headers.authorization}`,
    ],
    ['bytes by address', ({ url }: IncomingMessage) => String(url)],
  ])('mutation: %s, given without a look at who asks, are told on', async (_, keyOf) => {
    const careless = await openBothWays(redis, remembering(keyOf))
    try {
      await expect(leavesNothing(careless)).rejects.toThrow()
    } finally {
      await careless.close()
    }
  })
})
