import { randomUUID } from 'node:crypto'
import { newId } from '@quarry/db'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { auth } from './auth-instance.ts'
import { handleAuth } from './auth-mount.ts'
import { getContent } from './content-route.ts'
import { resolveCaller } from './resolve-actor.ts'
import { browserRequest, cookieOf, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { PASSWORD, signUp } from './testing/sign-up.ts'
import { handleTrpc } from './trpc-mount.ts'
import { headUpload, putUpload } from './upload-route.ts'

let web: WebProcess
let cookie: string
let email: string

/** The output of a procedure over HTTP. */
const api = async (path: string, input: object | undefined, init: { cookie?: string; headers?: HeadersInit } = {}) => {
  const isQuery = /list|me$|get|version|page|query/.test(path.split('.')[1] ?? '')
  const query = isQuery && input ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  const response = await handleTrpc(
    browserRequest(`/api/trpc/${path}${query}`, isQuery ? init : { ...init, json: input ?? {} }),
  )
  const body: unknown = await response.json()
  return { status: response.status, headers: response.headers, body: z.looseObject({}).parse(body) }
}
const outputOf = async <T>(schema: z.ZodType<T>, ...args: Parameters<typeof api>): Promise<T> => {
  const { status, body } = await api(...args)
  expect({ status, body }).toMatchObject({ status: 200 })
  return schema.parse(z.object({ result: z.object({ data: z.unknown() }) }).parse(body).result.data)
}

beforeAll(async () => {
  web = await startWebProcess()
  ;({ cookie, email } = await signUp('Fernhollow'))
})
afterAll(() => web.close())

describe('an account', () => {
  it('comes with a workspace that its person owns, a place for documents, and a trace in the audit', async () => {
    const me = await outputOf(z.looseObject({}), 'session.me', undefined, { cookie })
    expect(me).toMatchObject({ role: 'owner', email, organisation: { name: 'Fernhollow' } })
    const collections = await outputOf(z.array(z.looseObject({})), 'collections.list', undefined, { cookie })
    expect(collections).toHaveLength(1)
    const caller = await resolveCaller(new Headers({ cookie }))
    const audit = await web.database.owner.unsafe(`select action from audit_event where org_id = $1 order by id`, [
      caller?.actor?.orgId ?? '',
    ])
    expect(audit.map((row) => row['action'])).toEqual(['organisation.create', 'session.create'])
  })

  it('gets its workspace at the next sign-in when the sign-up was cut off', async () => {
    await web.database.owner.unsafe(
      `delete from auth.member where user_id = (select id from auth."user" where email = $1)`,
      [email],
    )
    const response = await handleAuth(
      browserRequest('/api/auth/sign-in/email', { json: { email, password: PASSWORD } }),
    )
    cookie = cookieOf(response)
    expect(await outputOf(z.looseObject({}), 'session.me', undefined, { cookie })).toMatchObject({ role: 'owner' })
  })

  it('is closed at once by signing out', async () => {
    const other = await signUp('Other')
    expect(await resolveCaller(new Headers({ cookie: other.cookie }))).not.toBeNull()
    await handleAuth(browserRequest('/api/auth/sign-out', { cookie: other.cookie, json: {} }))
    expect(await resolveCaller(new Headers({ cookie: other.cookie }))).toBeNull()
  })

  it('stands ten guesses in a quarter of an hour', async () => {
    const guess = async () => {
      const response = await handleAuth(
        browserRequest('/api/auth/sign-in/email', { json: { email: 'nobody@quarry.test', password: 'wrong one' } }),
      )
      return response.status
    }
    const statuses = []
    for (let i = 0; i < 11; i++) statuses.push(await guess())
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  })

  it('cannot be used from another site', async () => {
    const headers = { origin: 'https://evil.test' }
    expect((await handleAuth(browserRequest('/api/auth/sign-out', { cookie, headers, json: {} }))).status).toBe(403)
    expect((await api('collections.create', { name: 'x' }, { cookie, headers })).status).toBe(403)
    const put = await putUpload(browserRequest(`/api/uploads/${newId()}`, { cookie, headers, method: 'PUT' }), newId())
    expect(put.status).toBe(403)
  })

  it.each([
    '/organization/create',
    '/organization/invite-member',
    '/api-key/create',
    '/update-user',
    '/change-password',
    '/delete-user',
  ])('has nothing at %s', async (path) => {
    expect((await handleAuth(browrequest(path))).status).toBe(404)
  })
  const browrequest = (path: string) => browserRequest(`/api/auth${path}`, { cookie, json: { name: 'x' } })
})

describe('a key', () => {
  const created = z.object({ secret: z.string(), key: z.looseObject({ id: z.string() }) })

  it('opens the API for the organisation, with its own role, until it is revoked', async () => {
    const { secret, key } = await outputOf(created, 'keys.create', { name: 'ci', role: 'viewer' }, { cookie })
    const headers = { authorization: `Bearer ${secret}` }
    const me = await outputOf(z.looseObject({}), 'session.me', undefined, { headers })
    expect(me).toMatchObject({ kind: 'api_key', role: 'viewer', name: 'ci', organisation: { name: 'My workspace' } })
    expect((await api('collections.create', { name: 'x' }, { headers })).status).toBe(403)
    const verified = await auth().api.verifyApiKey({ body: { key: secret, configId: 'organisation' } })
    expect(verified.valid).toBe(true)

    await outputOf(z.looseObject({}), 'keys.revoke', { id: key.id }, { cookie })
    await expect.poll(() => resolveCaller(new Headers(headers))).toBeNull()
  })

  it.each(['Bearer', 'Bearer qk_unknown', 'Basic YTpi', 'Bearer  ', `Bearer ${'x'.repeat(500)}`])(
    'that is %s opens nothing, not even beside a good cookie',
    async (authorization) => {
      expect((await api('session.me', undefined, { cookie, headers: { authorization } })).status).toBe(401)
    },
  )
})

describe('the API over HTTP', () => {
  it('says what is wrong in words, without a stack', async () => {
    const { status, body, headers } = await api('documents.get', { id: 'not an id' }, { cookie })
    expect(status).toBe(400)
    expect(body).toMatchObject({
      error: { data: { app: { code: 'invalid_input', details: { fields: { id: expect.any(Array) } } } } },
    })
    expect(JSON.stringify(body)).not.toMatch(/stack|node_modules|select /)
    expect(headers.get('cache-control')).toContain('no-store')
  })

  it('refuses what is too large or too much before anything runs', async () => {
    const large = browserRequest('/api/trpc/collections.create', { cookie, json: { name: 'x'.repeat(2_000_000) } })
    expect((await handleTrpc(large)).status).toBe(413)
    const paths = Array.from({ length: 21 }, () => 'session.me').join(',')
    expect((await handleTrpc(browserRequest(`/api/trpc/${paths}?batch=1&input={}`, { cookie }))).status).toBe(400)
  })

  it('streams server-sent events that end with the request', async () => {
    const controller = new AbortController()
    const response = await handleTrpc(
      browserRequest('/api/trpc/feed.stream?input={}', { cookie, signal: controller.signal }),
    )
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('connected')
    await outputOf(z.looseObject({}), 'collections.create', { name: `c ${randomUUID()}` }, { cookie })
    let text = ''
    while (!text.includes('"topic":"collection"')) text += (await reader?.read())?.value ?? ''
    controller.abort()
    await expect(reader?.read()).resolves.toMatchObject({ done: true })
  })
})

describe('a file', () => {
  const ticketOutput = z.array(z.object({ ticket: z.string(), documentId: z.string() }))
  const listOutput = z.array(z.object({ id: z.string() }))
  const newTicket = async (path: string, sizeBytes: number) => {
    const [collection] = await outputOf(listOutput, 'collections.list', undefined, { cookie })
    const files = [{ path, sizeBytes }]
    const [ticket] = await outputOf(
      ticketOutput,
      'documents.createMany',
      { collectionId: collection?.id, files },
      { cookie },
    )
    return ticket?.ticket ?? ''
  }
  const put = (ticket: string, offset: number, body: string, as = cookie) =>
    putUpload(browserRequest(`/api/uploads/${ticket}?offset=${offset}`, { method: 'PUT', cookie: as, body }), ticket)
  const completed = z.object({
    outcome: z.string(),
    document: z.object({
      latest: z.looseObject({ id: z.string(), state: z.string(), failure: z.looseObject({}).nullable() }),
    }),
  })
  const complete = (ticket: string) => outputOf(completed, 'documents.complete', { ticket }, { cookie })
  const upload = async (path: string, content: string) => {
    const ticket = await newTicket(path, Buffer.byteLength(content))
    expect((await put(ticket, 0, content)).status).toBe(200)
    return complete(ticket)
  }

  it('goes up in parts, is told where to go on, and comes back in ranges', async () => {
    const ticket = await newTicket('röck, "1".md', 10)
    expect((await put(ticket, 0, '# One')).status).toBe(200)
    const again = await put(ticket, 0, '# One')
    expect(again.status).toBe(409)
    expect(await again.json()).toMatchObject({ code: 'conflict', details: { offset: 5 } })
    expect((await api('documents.complete', { ticket }, { cookie })).status).toBe(409)
    const head = await headUpload(browserRequest(`/api/uploads/${ticket}`, { method: 'HEAD', cookie }), ticket)
    expect([head.status, head.headers.get('upload-offset')]).toEqual([200, '5'])
    expect((await put(ticket, 5, ' two and more than was said')).status).toBe(413)
    const offset = Number(
      (await headUpload(browserRequest(`/api/uploads/${ticket}`, { cookie }), ticket)).headers.get('upload-offset'),
    )
    if (offset < 10) expect((await put(ticket, offset, ' two!'.slice(offset - 5))).status).toBe(200)

    const { outcome, document } = await complete(ticket)
    expect([outcome, document.latest.state]).toEqual(['accepted', 'uploaded'])
    expect((await complete(ticket)).outcome).toBe('accepted')
    expect((await put(ticket, 0, 'x')).status).toBe(404)

    const versionId = document.latest.id
    const content = (headers: HeadersInit) => getContent(browserRequest('/x', { cookie, headers }), versionId)
    const whole = await content({})
    expect((await whole.text()).slice(0, 5)).toBe('# One')
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="r_ck, _1_.md"; filename*=UTF-8''r%C3%B6ck%2C%20%221%22.md`,
    )
    expect(whole.headers.get('content-security-policy')).toContain('sandbox')
    const part = await content({ range: 'bytes=2-4' })
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'One', 'bytes 2-4/10'])
    expect((await content({ range: 'bytes=99-' })).status).toBe(416)
  })

  it('belongs to its organisation: another one finds no ticket and no bytes', async () => {
    const other = await signUp('Elsewhere')
    const ticket = await newTicket('mine.md', 4)
    const unknown = newId()
    for (const id of [ticket, unknown]) {
      expect((await put(id, 0, 'mine', other.cookie)).status).toBe(404)
      const bytes = await getContent(browserRequest('/x', { cookie: other.cookie }), id)
      expect([bytes.status, z.looseObject({}).parse(await bytes.json())['code']]).toEqual([404, 'not_found'])
    }
    expect((await put(ticket, 0, 'mine')).status).toBe(200)
  })

  it('is what its content is, not what its name says', async () => {
    const outcomes = []
    for (const [path, content] of [
      ['text.pdf', 'BM25 is a ranking function.'],
      ['pdf.txt', '%PDF-1.7\n%âãÏÓ\n1 0 obj'],
      ['zip.md', 'PK\u0003\u0004\u0014\u0000\u0000\u0000\u0000\u0000'],
      ['binary', 'a\u0000b\u0001c'],
      ['empty.txt', ''],
    ] as const) {
      const { outcome, document } = await upload(path, content)
      const { mediaType, failure } = document.latest
      outcomes.push([path, outcome, failure?.['code'] ?? mediaType])
    }
    expect(outcomes).toEqual([
      ['text.pdf', 'accepted', 'text/plain'],
      ['pdf.txt', 'accepted', 'application/pdf'],
      ['zip.md', 'failed', 'unsupported_type'],
      ['binary', 'failed', 'not_text'],
      ['empty.txt', 'failed', 'empty'],
    ])
  })

  it('is refused by name when its kind is not supported, and leaves no row', async () => {
    const [collection] = await outputOf(listOutput, 'collections.list', undefined, { cookie })
    const paths = ['a.doc', 'b.xls', 'c.mobi', 'd.exe', 'e.zip', 'big.pdf']
    const files = paths.map((path) => ({ path, sizeBytes: path === 'big.pdf' ? 2 ** 40 : 5 }))
    const output = await outputOf(
      z.array(z.looseObject({ refused: z.looseObject({ code: z.string() }) })),
      'documents.createMany',
      { collectionId: collection?.id, files },
      { cookie },
    )
    expect(output.map((file) => file.refused.code)).toEqual([
      ...Array.from({ length: 5 }, () => 'unsupported_type'),
      'too_large',
    ])
    const rows = await web.database.owner.unsafe(
      `select 1 from document where source_path = any(string_to_array($1, '|'))`,
      [paths.join('|')],
    )
    expect(rows).toHaveLength(0)
  })

  it('with the same content at the same path is nothing to do, and with another one a new version', async () => {
    const first = await upload('same.md', '# The same')
    const second = await upload('same.md', '# The same')
    expect([second.outcome, second.document.latest.id]).toEqual(['unchanged', first.document.latest.id])
    const third = await upload('same.md', '# Another')
    expect([third.outcome, third.document.latest.id]).not.toContain(first.document.latest.id)
    const back = await upload('same.md', '# The same')
    expect(back.outcome).toBe('accepted')
  })
})
