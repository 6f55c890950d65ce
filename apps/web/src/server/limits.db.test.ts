import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { z } from 'zod'
import { handleAuth } from './auth-mount.ts'
import { PEER_HEADER } from './client-network.ts'
import { getContent } from './content-route.ts'
import { ask, change, newMember } from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { handleTrpc } from './trpc-mount.ts'
import { headUpload, putUpload } from './upload-route.ts'

/** Large enough that what flows in while a test runs does not matter. */
const PER_MINUTE = 60
const MEBIBYTE = 1024 * 1024

/** Looking somebody up, and entering a tenant; not what the process reads for itself now and then. */
const FOR_A_CALLER = /app_enter|"session"|"apikey"/

let web: WebProcess
let statements = 0
beforeAll(async () => {
  web = await startWebProcess({
    variables: { RATE_LIMIT_PER_MINUTE: String(PER_MINUTE), UPLOAD_MAX_BYTES: String(1024 * MEBIBYTE) },
    watch: ({ text }, run) => {
      if (FOR_A_CALLER.test(text)) statements++
      return run()
    },
  })
})
afterAll(() => web.close())

const batch = (paths: string, cookie: string) =>
  handleTrpc(browserRequest(`/api/trpc/${paths}?batch=1&input={}`, { cookie }))
const limitOf = (response: Response) =>
  z.coerce.number().parse(/"user";r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1])
const times = (n: number, path: string) => Array.from({ length: n }, () => path).join(',')

/** What such a request does: its status, what it says, and how much it had looked up or read. */
const attempt = async (handle: typeof handleTrpc, path: string, init: Parameters<typeof browserRequest>[1]) => {
  const before = statements
  const response = await handle(browserRequest(path, init))
  const headers = { ratelimit: response.headers.get('ratelimit') }
  return { status: response.status, headers, text: await response.text(), statements: statements - before }
}
const refused = {
  status: 400,
  headers: { ratelimit: null },
  text: expect.stringContaining('A request carries 10 calls at most.'),
  statements: 0,
}

describe('check 19: a batch', () => {
  const OVERSIZE = [
    ['eleven calls', times(11, 'members.list')],
    ['a thousand calls', times(1000, 'members.list')],
    ['eleven calls, with commas that are written otherwise', times(11, 'members.list').replaceAll(',', '%2c')],
    ['five thousand commas', ','.repeat(5000)],
  ] as const

  it.each(OVERSIZE)('of %s is refused before anybody is looked up and anything runs', async (_, paths) => {
    const { cookie } = await signUp()
    for (const path of [`/api/trpc/${paths}?batch=1&input={}`, `/api/trpc/${paths}`])
      for (const init of [{ cookie }, { cookie, json: {} }])
        expect(await attempt(handleTrpc, path, init)).toEqual(refused)
  })

  it('mutation: where nobody counts the calls of a request, they run', async () => {
    vi.doMock('./small-batch.ts', () => ({ MAX_BATCH: 1000, requireSmallBatch: () => undefined }))
    vi.resetModules()
    onTestFinished(() => {
      vi.doUnmock('./small-batch.ts')
      vi.resetModules()
    })
    const unguarded = await import('./trpc-mount.ts')
    const { cookie } = await signUp()
    const path = `/api/trpc/${times(11, 'members.list')}?batch=1&input={}`
    const seen = await attempt(unguarded.handleTrpc, path, { cookie })
    expect(seen).not.toEqual(refused)
    expect(seen.statements).toBeGreaterThanOrEqual(11)
  })

  it('control: of ten calls is answered, and each of them is charged; the tightest of them is told', async () => {
    const { cookie } = await signUp()
    const before = statements
    const one = await batch('members.list', cookie)
    expect(statements).toBeGreaterThan(before)
    const ten = await batch(times(10, 'members.list'), cookie)
    expect(ten.status).toBe(200)
    expect(z.array(z.object({ result: z.object({}) })).parse(await ten.json())).toHaveLength(10)
    expect(limitOf(one) - limitOf(ten)).toBeGreaterThanOrEqual(1)
    // Past the limit some calls of a batch are refused, each for itself, and the answer says how long to wait.
    let last = ten
    await vi.waitUntil(async () => (last = await batch(times(10, 'members.list'), cookie)).status !== 200, 20_000)
    expect([207, 429]).toContain(last.status)
    expect(Number(last.headers.get('retry-after'))).toBe(1)
    expect(last.headers.get('ratelimit')).toBe('"user";r=0;t=60, "organisation";r=1000;t=0')
    expect(last.headers.get('ratelimit-policy')).toBe(
      '"user";q=60;w=60, "organisation";q=1000;w=3600, "address";q=3000;w=60',
    )
  })
})

describe('a route of its own kind', () => {
  const ticketOf = async (cookie: string, sizeBytes: number) => {
    const [collection] = await ask(z.array(z.object({ id: z.string() })), 'collections.list', { cookie })
    const files = [{ path: `${randomUUID()}.txt`, sizeBytes }]
    const created = z.array(z.object({ ticket: z.string() }))
    const [one] = await change(created, 'documents.createMany', { cookie }, { collectionId: collection?.id, files })
    return one?.ticket ?? ''
  }
  const put = (ticket: string, cookie: string, body: BodyInit, headers: HeadersInit = {}) =>
    putUpload(
      browserRequest(`/api/uploads/${ticket}`, {
        method: 'PUT',
        cookie,
        body,
        headers,
        // Streams can be sent only half-duplex; TypeScript's DOM does not know the field.
        ...{ duplex: 'half' },
      }),
      ticket,
    )

  it('charges an upload for the bytes that come, and gives back what did not', async () => {
    const { cookie } = await signUp()
    const ticket = await ticketOf(cookie, 32 * MEBIBYTE)
    const start = limitOf(await headUpload(browserRequest('/x', { cookie }), ticket))
    const whole = await put(ticket, cookie, new Uint8Array(32 * MEBIBYTE), { 'content-length': String(32 * MEBIBYTE) })
    expect(whole.status).toBe(200)
    // Four steps of 8 MiB; what flows in meanwhile is a token a second.
    expect(limitOf(whole)).toBeLessThanOrEqual(start - 3)

    const cut = await ticketOf(cookie, 240 * MEBIBYTE)
    const announced = await put(cut, cookie, 'only these', { 'content-length': String(240 * MEBIBYTE) })
    expect(limitOf(announced)).toBeLessThanOrEqual(30)
    expect(limitOf(await headUpload(browserRequest('/x', { cookie }), cut))).toBeGreaterThan(40)
  })

  it('refuses an upload before it is read, and says when it goes on; what is larger than any bucket is taken once it is full', async () => {
    const { cookie } = await signUp()
    const ticket = await ticketOf(cookie, 1024 * MEBIBYTE)
    let read = 0
    const body = () => new ReadableStream({ pull: (controller) => (read++, controller.close()) }, { highWaterMark: 0 })
    const large = { 'content-length': String(1024 * MEBIBYTE) }
    // Two tokens are gone for what came before: not full yet, although no bucket holds so much.
    const refused = await put(ticket, cookie, body(), large)
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(3)
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', details: { limit: 'user' } })
    expect(read).toBe(0)
    await vi.waitUntil(async () => (await put(ticket, cookie, body(), large)).status === 200, {
      timeout: 20_000,
      interval: 500,
    })
    expect(read).toBe(1)
  })

  it('charges an upload of unknown length as it comes, and keeps what came when the limit is reached', async () => {
    const { cookie } = await signUp()
    const ticket = await ticketOf(cookie, 1024 * MEBIBYTE)
    const chunk = new Uint8Array(MEBIBYTE)
    let sent = 0
    const endless = new ReadableStream({
      pull: (controller) => {
        if (sent >= 1000) return controller.close()
        sent++
        controller.enqueue(chunk)
      },
    })
    const response = await put(ticket, cookie, endless)
    expect(response.status).toBe(429)
    // 58 tokens and what flowed in, of 8 MiB each.
    expect(sent).toBeGreaterThan(440)
    const status = await vi.waitUntil(async () => {
      const head = await headUpload(browserRequest('/x', { cookie }), ticket)
      return head.status === 200 && head
    }, 20_000)
    expect(Number(status.headers.get('upload-offset'))).toBeGreaterThan(430 * MEBIBYTE)
  }, 120_000)

  it('charges downloads and sign-ins too, and says so', async () => {
    const { cookie } = await signUp()
    const content = await getContent(browserRequest('/x', { cookie }), randomUUID())
    expect(content.status).toBe(404)
    expect(content.headers.get('ratelimit')).toMatch(/^"user";r=59;t=1/)
    const headers = { [PEER_HEADER]: '192.0.2.77' }
    const signIn = () =>
      handleAuth(browserRequest('/api/auth/sign-in/email', { json: { email: 'x', password: 'y' }, headers }))
    expect((await signIn()).headers.get('ratelimit-policy')).toBe('"address";q=3000;w=60')
    const nobody = await getContent(browserRequest('/x'), randomUUID())
    expect([nobody.status, nobody.headers.get('ratelimit-policy')]).toEqual([401, '"address";q=3000;w=60'])
  })

  it('charges who belongs to no workspace to their address', async () => {
    const { cookie } = await newMember(await signUp())
    await change(z.unknown(), 'members.leave', { cookie })
    for (const response of [
      await headUpload(browserRequest('/x', { cookie }), randomUUID()),
      await getContent(browserRequest('/x', { cookie }), randomUUID()),
    ])
      expect([response.status, response.headers.get('ratelimit-policy')]).toEqual([401, '"address";q=3000;w=60'])
  })

  it('charges an upload that makes no sense', async () => {
    const { cookie } = await signUp()
    const request = browserRequest('/x?offset=half', { method: 'PUT', cookie, body: 'text' })
    const response = await putUpload(request, randomUUID())
    expect(response.status).toBe(400)
    expect(limitOf(response)).toBeLessThan(PER_MINUTE)
  })

  it('has nothing looked up or told for who is refused, and for who is not has it told what was written', async () => {
    const wrote = vi.spyOn(web.core.deps, 'wrote')
    onTestFinished(() => wrote.mockRestore())
    const { cookie } = await signUp()
    wrote.mockClear()
    const foreign = { headers: { origin: 'https://elsewhere.test' } }
    const refusals = [
      await put(randomUUID(), '', 'text'),
      await putUpload(browserRequest('/x', { method: 'PUT', body: 'text', cookie, ...foreign }), randomUUID()),
      await handleAuth(browserRequest('/api/auth/sign-out', { json: {}, cookie, ...foreign })),
      await handleAuth(browserRequest('/api/auth/delete-user', { json: {}, cookie })),
    ]
    expect(refusals.map(({ status }) => status)).toEqual([401, 403, 403, 404])
    expect(wrote).not.toHaveBeenCalled()
    expect((await put(randomUUID(), cookie, 'text')).status).toBe(404)
    expect((await handleAuth(browserRequest('/api/auth/sign-out', { json: {}, cookie }))).status).toBe(200)
    expect(wrote).toHaveBeenCalledTimes(2)
  })
})
