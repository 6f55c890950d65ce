import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { handleAuth } from './auth-mount.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { handleTrpc } from './trpc-mount.ts'

let web: WebProcess
let cookie: string
beforeAll(async () => {
  web = await startWebProcess()
  ;({ cookie } = await signUp())
})
afterEach(() => vi.useRealTimers())
afterAll(() => web.close())

const mutate = async (path: string, json: object) =>
  z
    .object({ result: z.object({ data: z.looseObject({}) }) })
    .parse(await (await handleTrpc(browserRequest(`/api/trpc/${path}`, { cookie, json }))).json()).result.data
const open = (path: string, input: object, init: { cookie?: string; headers?: HeadersInit }) =>
  handleTrpc(browserRequest(`/api/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`, init))
const newKey = async () => {
  const created = await mutate('keys.create', { name: 'stream', role: 'viewer' })
  const { secret, key } = z.object({ secret: z.string(), key: z.looseObject({ id: z.string() }) }).parse(created)
  return { id: key.id, headers: { authorization: `Bearer ${secret}` } }
}
const errorIn = (text: string) => {
  const data = /event: serialized-error\ndata: (.*)/.exec(text)?.[1] ?? ''
  return z
    .object({ code: z.number(), data: z.looseObject({ app: z.looseObject({ code: z.string() }) }) })
    .parse(JSON.parse(data))
}
/** JSON-RPC codes after which tRPC's client comes back: internal, bad gateway, unavailable, gateway timeout. */
const COMES_BACK = [-32_603, -32_001]

it('a run that is not there ends a reader, who would otherwise come back for ever', async () => {
  const response = await open('chat.stream', { runId: randomUUID() }, { cookie })
  expect(response.headers.get('cache-control')).toContain('no-store')
  const error = errorIn(await response.text())
  expect([error.data.app.code, error.data['httpStatus']]).toEqual(['not_found', 404])
  expect(COMES_BACK).not.toContain(error.code)
})

// A machine that stands still for a second says nothing about us; three times in a row, it is us.
it('a revoked key and a signed-out session are refused a second later', { retry: 2 }, async () => {
  const key = await newKey()
  const other = await signUp()
  const status = async (init: { cookie?: string; headers?: HeadersInit }) =>
    (await handleTrpc(browserRequest('/api/trpc/session.me', init))).status
  expect([await status(key), await status(other)]).toEqual([200, 200])
  await mutate('keys.revoke', { id: key.id })
  // Deleted by another replica, of which this one hears nothing.
  await web.database.owner.unsafe(
    `delete from auth.session where user_id = (select id from auth."user" where email = $1)`,
    [other.email],
  )
  const revokedAt = performance.now()
  await expect.poll(() => status(key), { timeout: 1500, interval: 50 }).toBe(401)
  await expect.poll(() => status(other), { timeout: 1500, interval: 50 }).toBe(401)
  expect(performance.now() - revokedAt).toBeLessThan(1500)
})

it('what is open ends within a minute, and who was revoked does not get in again', async () => {
  const key = await newKey()
  const person = await signUp()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
  const readers = await Promise.all(
    [key, person].map(async (init) => {
      const response = await open('feed.stream', {}, init)
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
      expect((await reader?.read())?.value).toContain('connected')
      return reader
    }),
  )
  await mutate('keys.revoke', { id: key.id })
  await handleAuth(browserRequest('/api/auth/sign-out', { cookie: person.cookie, json: {} }))
  const ended = readers.map(async (reader) => {
    for (let done = false; !done;) done = (await reader?.read())?.done ?? true
  })
  await vi.advanceTimersByTimeAsync(60_000)
  await Promise.all(ended)
  vi.useRealTimers()
  await expect
    .poll(async () => errorIn(await (await open('feed.stream', {}, key)).text()).data.app.code, { timeout: 3000 })
    .toBe('unauthenticated')
  expect(errorIn(await (await open('feed.stream', {}, person)).text()).data.app.code).toBe('unauthenticated')
})
