import { randomUUID } from 'node:crypto'
import { createWebCore } from '@quarry/core/web'
import { createLogger } from '@quarry/observability'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { handleAuth } from './auth-mount.ts'
import { PEER_HEADER } from './client-network.ts'
import { getContent } from './content-route.ts'
import { PASSWORD, signUp } from './testing/sign-up.ts'
import { browserRequest, cookieOf, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { handleTrpc } from './trpc-mount.ts'

let web: WebProcess
let cookie: string
let email: string
beforeAll(async () => {
  web = await startWebProcess()
  ;({ cookie, email } = await signUp())
})
afterAll(() => web.close())

const post = (path: string, json: object, headers: HeadersInit = {}) =>
  handleAuth(browserRequest(`/api/auth/${path}`, { json, headers }))
const me = (headers: HeadersInit = {}) =>
  handleTrpc(browserRequest('/api/trpc/session.me', { cookie, headers, method: 'GET' }))
const person = () => ({ name: 'Ada', email: `${randomUUID()}@quarry.test`, password: PASSWORD })

it('every way in answers 503 in our words while the database is away, and works when it is back', async () => {
  const { quarryWeb, quarryAuth } = globalThis
  const adapters = {
    ...web.env.adapters,
    database: { kind: 'postgres', url: 'postgres://x@127.0.0.1:9/x', ownerUrl: null },
  } as const
  const core = createWebCore({
    adapters,
    limits: web.env.limits,
    logger: createLogger({ name: 'test', level: 'silent' }),
  })
  globalThis.quarryWeb = { env: web.env, core }
  globalThis.quarryAuth = undefined
  globalThis.quarryNobodies = undefined
  try {
    const responses = [
      await post('sign-in/email', { email, password: PASSWORD }),
      await post('sign-up/email', person()),
      await getContent(browserRequest('/x', { cookie }), randomUUID()),
    ]
    for (const response of responses) {
      expect(response.status).toBe(503)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await response.json()).toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 5 } })
    }
    const call = await me()
    expect([call.status, call.headers.get('retry-after')]).toEqual([503, '5'])
  } finally {
    await core.close()
    globalThis.quarryWeb = quarryWeb
    globalThis.quarryAuth = quarryAuth
    globalThis.quarryNobodies = undefined
  }
  expect((await post('sign-in/email', { email, password: PASSWORD })).status).toBe(200)
})

it('thirty accounts from one network, whatever it says of itself; others go on', async () => {
  const from = (peer: string) => ({ [PEER_HEADER]: peer, 'x-forwarded-for': randomUUID() })
  // Refused for its password, before the hash: what counts is the attempt.
  const attempt = async (i: number) =>
    post('sign-up/email', { ...person(), password: 'short' }, from(`2001:db8::${i.toString(16)}`))
  for (let i = 0; i < 30; i++) expect((await attempt(i)).status).toBe(400)
  const refused = await attempt(99)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(500)
  expect(await refused.json()).toMatchObject({
    code: 'rate_limited',
    details: { retryAfterSeconds: expect.any(Number) },
  })
  expect((await post('sign-up/email', person(), from('192.0.2.7'))).status).toBe(200)
})

it('one network may guess fifty times, and right passwords do not count', async () => {
  const headers = { [PEER_HEADER]: '192.0.2.9' }
  for (let i = 0; i < 3; i++)
    expect((await post('sign-in/email', { email, password: PASSWORD }, headers)).status).toBe(200)
  // An address that is none is refused before the hash, and counts all the same.
  for (let i = 0; i < 50; i++)
    expect((await post('sign-in/email', { email: `no ${i}`, password: 'x' }, headers)).status).toBe(400)
  expect((await post('sign-in/email', { email, password: PASSWORD }, headers)).status).toBe(429)
})

/** How many of so many sign-ins get past the limits; those are looked at, whatever then becomes of them. */
const looked = async (attempts: number, of: (i: number) => { email: string; headers: HeadersInit }) => {
  const statuses = await Promise.all(
    Array.from({ length: attempts }, async (_, i) => {
      const { email: account, headers } = of(i)
      return (await post('sign-in/email', { email: account, password: 'wrong one' }, headers)).status
    }),
  )
  return statuses.filter((status) => status !== 429).length
}

it('hundreds of wrong passwords are ten, whatever addresses the caller claims; six spellings of one are one', async () => {
  const spellings = ['198.51.100.4', '::ffff:198.51.100.4', '::FFFF:c633:6404', '64:ff9b::c633:6404']
  const claimed = (i: number) => `203.0.113.${i % 250}, ${randomUUID()}`
  const ofAccount = `${randomUUID()}@quarry.test`
  expect(
    await looked(300, (i) => ({
      email: ofAccount,
      headers: { [PEER_HEADER]: spellings[i % spellings.length] ?? '', 'x-forwarded-for': claimed(i) },
    })),
  ).toBe(10)
  // The other forty of that network's fifty went with the rest.
  expect(await looked(10, (i) => ({ email: `none ${i}`, headers: { [PEER_HEADER]: '198.51.100.4' } }))).toBe(0)
})

it('hundreds of addresses of one /64 are one network; ten networks that try a hundred accounts get fifty tries each', async () => {
  const inside = (i: number) => ({ [PEER_HEADER]: `2001:db8:5:6:${i.toString(16)}::1` })
  expect(await looked(200, (i) => ({ email: `none ${i}`, headers: inside(i) }))).toBe(50)
  const across = (i: number) => ({ [PEER_HEADER]: `2001:db8:5:${(i % 10) + 16}::1` })
  expect(await looked(600, (i) => ({ email: `some ${Math.floor(i / 10)}`, headers: across(i) }))).toBe(500)
})

it('takes no more fields than a sign-up has, no text that is none, and no endless body', async () => {
  for (const extra of [
    { role: 'admin' },
    { id: randomUUID() },
    { emailVerified: true },
    { image: 'javascript:alert(1)' },
    { name: 'a\u0000' },
    { workspace: 'x'.repeat(121) },
    { email: 'a\u0000@quarry.test' },
  ])
    expect((await post('sign-up/email', { ...person(), ...extra })).status).toBe(400)
  expect((await post('sign-in/email', { email: 'a\u0000@quarry.test', password: 'x' })).status).toBe(400)
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(32)) })
  const request = new Request('http://127.0.0.1:3000/api/auth/sign-in/email', {
    method: 'POST',
    headers: { origin: 'http://127.0.0.1:3000', 'content-type': 'application/json' },
    body: endless,
    // Streams can be sent only half-duplex; TypeScript's DOM does not know the field.
    ...{ duplex: 'half' },
  })
  expect((await handleAuth(request)).status).toBe(413)
})

it('a session cookie is for this host and for HTTP only, and its value is not in any answer', async () => {
  const response = await post('sign-in/email', { email, password: PASSWORD })
  const [set = ''] = response.headers.getSetCookie()
  const token = decodeURIComponent(/=([^;.]+)/.exec(set)?.[1] ?? '')
  expect(token.length).toBeGreaterThan(20)
  expect(await response.text()).not.toContain(token)
  expect((await handleAuth(browserRequest('/api/auth/get-session', { cookie }))).status).toBe(404)
  expect(set).toMatch(/^quarry\.session_token=/)
  for (const flag of ['HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=2592000']) expect(set).toContain(flag)
  expect(set).not.toMatch(/domain/i)
})

it('who only uses the API stays signed in: a session that is a day old is prolonged, and its cookie with it', async () => {
  expect((await me()).headers.getSetCookie()).toEqual([])
  const age = () =>
    web.database.owner.unsafe(`update auth.session set expires_at = now() + interval '28 days 23 hours'`)
  for (const call of [me, () => getContent(browserRequest('/x', { cookie }), randomUUID())]) {
    await age()
    globalThis.quarryNobodies = undefined
    const response = await call()
    const renewed = cookieOf(response)
    if (response.status === 200) expect(renewed).toMatch(/^quarry\.session_token=/)
    const [row] = await web.database.owner.unsafe<{ days: number }[]>(
      `select max(extract(day from expires_at - now()))::int as days from auth.session`,
    )
    expect(row?.days).toBeGreaterThanOrEqual(29)
    expect(response.headers.getSetCookie().join()).toContain('Max-Age=2592000')
  }
})

it('a HEAD of the API is no fault', async () => {
  const head = await handleTrpc(browserRequest('/api/trpc/session.me', { cookie, method: 'HEAD' }))
  expect(head.status).toBeLessThan(300)
})
