import { readFile, readdir } from 'node:fs/promises'
import { request as send } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHECKOUT } from '../fixtures/product/start-product.ts'
import { isReady, processesOf, startProduct, waitUntil, type Product } from '../fixtures/product/index.ts'

let product: Product
/** A signed-in browser's cookie. */
let cookie: string
let setCookies: string[]
beforeAll(async () => {
  product = await startProduct()
  const { email, password } = product.credentials
  const response = await fetch(`${product.url}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.url },
    body: JSON.stringify({ email, password }),
  })
  if (!response.ok) throw new Error(`no sign-in: ${response.status}`)
  setCookies = response.headers.getSetCookie()
  cookie = setCookies.map((text) => text.split(';')[0]).join('; ')
})
afterAll(async () => {
  await product.stop({ keepData: false })
})

interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}
/** As it is written: fetch would put a path in order, and not send some headers. */
const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Asked> =>
  new Promise((resolve, reject) => {
    const sent = send({ host: '127.0.0.1', port: product.port, path, method, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (piece: Buffer) => (body += piece.toString('utf8')))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
/** A file that the sign-in page loads. */
const bundleFile = async (): Promise<string> => {
  const { body } = await ask('/sign-in')
  const found = /\/_next\/static\/[^"\\]+\.js/.exec(body)?.[0]
  if (found === undefined) throw new Error('the page loads no script')
  return found
}
const isPrivate = ({ headers }: Asked) => /private.*no-store/.test(String(headers['cache-control']))

/** One of each class of answer, as somebody who is signed in gets it. */
const ROUTES = [
  ['a page', '/documents', 200],
  ['a page in pieces', '/documents?_rsc=abcde', 200],
  ['a page that is not there', '/nothing/here', 404],
  ['the API', '/api/trpc/session.me', 200],
  ['an error of the API', '/api/trpc/nothing.here', 404],
  ['an address of the API that is none', '/api/nothing', 404],
  ['sign-in', '/api/auth/get-session', 404],
  ['a document', '/api/documents/versions/0190a000-0000-7000-8000-000000000000/content', 404],
  ['an upload', '/api/uploads/x', 405],
  ['liveness', '/api/health/live', 200],
  ['readiness', '/api/health/ready', 200],
] as const

describe('check 38: what a cache in between may keep', () => {
  it.each(ROUTES)('%s is nobody else’s', async (_, path, status) => {
    const answer = await ask(path, { cookie })
    expect(answer.status).toBe(status)
    expect(isPrivate(answer), String(answer.headers['cache-control'])).toBe(true)
  })

  it('a page and its pieces are told apart by what asked for them', async () => {
    const page = await ask('/documents', { cookie })
    // Under the page's own address a cache that forgets `Vary` would mix them up: Next gives the pieces one of their own.
    const moved = await ask('/documents', { cookie, rsc: '1' })
    expect([moved.status, isPrivate(moved)]).toEqual([307, true])
    expect(String(moved.headers['location'])).toMatch(/^\/documents\?_rsc/)
    const pieces = await ask(String(moved.headers['location']), { cookie, rsc: '1' })
    expect(String(page.headers['content-type'])).toContain('text/html')
    expect(String(pieces.headers['content-type'])).toContain('text/x-component')
    for (const { headers } of [page, pieces]) expect(String(headers['vary'])).toContain('rsc')
  })

  it.each([
    '/documents',
    '/',
    '/api/trpc/session.me',
    '//elsewhere.test/x',
    '/\\elsewhere.test',
    '/x/..//elsewhere.test',
  ])('no claim about the host is in the answer to %s', async (path) => {
    const claimed = { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test', 'x-original-url': '/evil.test' }
    for (const answer of [await ask(path, claimed), await ask(path, { ...claimed, cookie, host: 'evil.test' })]) {
      expect(JSON.stringify([answer.headers, answer.body])).not.toContain('evil.test')
      expect(String(answer.headers['location'] ?? '/')).toMatch(/^\/(?![/\\])/)
      expect(isPrivate(answer)).toBe(true)
    }
  })

  it.each([
    '/api//trpc/session.me',
    '/api/trpc/../trpc/session.me',
    '/api/trpc/%2e%2e/trpc/session.me',
    '/API/trpc/session.me',
  ])('a path that is written otherwise is the same, or none, and never kept: %s', async (path) => {
    const answer = await ask(path, { cookie })
    expect([200, 308, 404]).toContain(answer.status)
    expect(isPrivate(answer)).toBe(true)
  })

  it('control: files that are the same for everybody are kept, by their names for a year', async () => {
    const file = await ask(await bundleFile(), { cookie })
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(file.headers).not.toHaveProperty('set-cookie')
    expect(String((await ask('/favicon.svg')).headers['cache-control'])).toContain('public')
  })
})

describe('check 39: headers and secrets', () => {
  it.each([...ROUTES, ['a file', '/favicon.svg', 200] as const])('%s has every header', async (_, path) => {
    for (const { headers } of [await ask(path, { cookie }), await ask(path)]) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
      })
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-(eval|inline)'/)
      expect(headers).not.toHaveProperty('x-powered-by')
      expect(headers).not.toHaveProperty('server')
      expect(String(headers['x-request-id'])).toMatch(/^[\w-]{36}$/)
    }
  })

  it('an id that nobody of ours gave is not taken over, and the one given is in the error', async () => {
    const { headers, body } = await ask('/api/trpc/nothing.here', { 'x-request-id': 'claimed-by-somebody' })
    expect(headers['x-request-id']).not.toBe('claimed-by-somebody')
    expect(body).toContain(String(headers['x-request-id']))
  })

  it('the session’s cookie is for this server’s own requests', () => {
    expect(setCookies).toHaveLength(1)
    expect(setCookies[0]).toMatch(/HttpOnly/)
    expect(setCookies[0]).toMatch(/SameSite=Lax/)
    expect(setCookies[0]).not.toMatch(/Domain=/i)
  })

  it('neither bundle, errors nor logs name a secret of this installation', async () => {
    const { apiKey, password } = product.credentials
    const secret = (await readFile(join(product.dataFolder, 'auth-secret'), 'utf8').catch(() => '')).trim()
    const token = decodeURIComponent(cookie.split('=')[1] ?? '').split('.')[0] ?? ''
    const secrets = [apiKey, password, secret, token].filter((text) => text !== '')
    await ask(`/api/trpc/documents.get?input=${encodeURIComponent(`{"id":"${apiKey}"}`)}`, {
      authorization: `Bearer ${apiKey}x`,
    })
    await ask(`/api/documents/versions/${encodeURIComponent(password)}/content`, { cookie })
    const errors = await Promise.all(
      ['/api/trpc/nothing.here', '/api/auth/nothing', '/api/nothing'].map(
        async (path) => (await ask(path, { cookie })).body,
      ),
    )
    const logs = join(product.dataFolder, 'logs')
    const lines = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')))
    const built = join(CHECKOUT, 'apps', 'web', '.next', 'standalone', 'apps', 'web', '.next', 'static')
    const files = (await readdir(built, { recursive: true })).filter((name) => /\.(js|css|json|map)$/.test(name))
    const bundle = await Promise.all(files.map((name) => readFile(join(built, name), 'utf8')))
    expect(lines.join('').length, 'there are logs').toBeGreaterThan(100)
    expect(bundle.length).toBeGreaterThan(10)
    for (const text of [...errors, ...lines, ...bundle])
      for (const hidden of secrets) expect(text.includes(hidden), `${hidden.slice(0, 4)}…`).toBe(false)
    const names =
      /AUTH_SECRET|DATABASE_(OWNER_)?URL|LLM_API_KEY|S3_SECRET|process\.env\.[A-Z]+_KEY|-----BEGIN [A-Z ]*PRIVATE KEY/
    for (const text of bundle) expect(names.exec(text)?.[0]).toBeUndefined()
    expect(
      files.filter((name) => name.endsWith('.map')),
      'no source is handed out',
    ).toEqual([])
  })

  it('control: such a secret would be found', async () => {
    const file = await readFile(join(product.dataFolder, 'credentials.json'), 'utf8')
    expect(file).toContain(product.credentials.apiKey)
  })
})

describe('a web server that ends', () => {
  const web = () => product.processes().find(({ command }) => command.includes('apps/web/server.ts'))

  it('is started again by boot after it was killed', async () => {
    const before = web()?.pid ?? 0
    expect(before).toBeGreaterThan(0)
    process.kill(before, 'SIGKILL')
    await waitUntil('another one serves', 60_000, async () => web()?.pid !== before && (await isReady(product.url)))
  })

  it('with a stream open it goes within seconds, and the stream ends whole', async () => {
    const response = await fetch(`${product.url}/api/trpc/feed.stream?input=%7B%7D`, {
      headers: { accept: 'text/event-stream', cookie },
    })
    expect(response.status).toBe(200)
    const text = response.text()
    const pid = web()?.pid ?? 0
    process.kill(pid, 'SIGTERM')
    expect(await text).toContain('event: connected')
    await waitUntil('it has gone', 20_000, () => !processesOf(product.dataFolder).some((one) => one.pid === pid))
    await waitUntil('another one serves', 60_000, () => isReady(product.url))
  })
})
