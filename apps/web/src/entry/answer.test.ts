import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { EndedRequest } from '../server/entry-port.ts'
import { ALWAYS } from './answer-headers.ts'
import { EntryResponse } from './entry-response.ts'
import { startEntryServer, type Asked, type EntryOptions } from './testing/entry-server.ts'

const start = async (options?: EntryOptions) => {
  const entry = await startEntryServer(options)
  onTestFinished(entry.close)
  return entry
}
const isPrivate = ({ headers }: Asked): boolean => /private.*no-store/.test(headers['cache-control'] ?? '')

describe('check 38: what an answer may be kept by', () => {
  it('an answer that says it may be kept by all is not, unless it is a file that is the same for everybody', async () => {
    const { ask } = await start({
      page: (_, response) => void response.setHeader('cache-control', 'public, max-age=60').end('x'),
    })
    expect(isPrivate(await ask('/documents'))).toBe(true)
    expect(isPrivate(await ask('/api/trpc/documents.list'))).toBe(true)
    expect((await ask('/_next/static/a.js')).headers['cache-control']).toBe('public, max-age=60')
  })

  it.each(['/documents', '/_next/static/a.js', '/icon.svg'])('no cookie is kept with %s', async (path) => {
    const { ask } = await start({
      page: (_, response) =>
        void response.writeHead(200, { 'cache-control': 'public, max-age=60', 'set-cookie': 'a=b' }).end('x'),
    })
    const answer = await ask(path)
    expect(answer.headers['set-cookie']).toEqual(['a=b'])
    expect(isPrivate(answer)).toBe(true)
  })

  it('a file that is not there is not kept as absent', async () => {
    const { ask } = await start({
      page: (_, response) => void response.writeHead(404, { 'cache-control': 'public, max-age=31536000' }).end(),
    })
    expect(isPrivate(await ask('/_next/static/new.js'))).toBe(true)
  })

  it('what a caller says of the host reaches nobody who makes an answer', async () => {
    const { ask } = await start({ page: (request, response) => void response.end(JSON.stringify(request.headers)) })
    const { body } = await ask('/', { headers: { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' } })
    expect(body).not.toContain('evil.test')
  })

  it('mutation: an answer without the entry’s facts goes out as it was written', async () => {
    const { ask } = await start({
      page: (_, response) => {
        if (response instanceof EntryResponse) response.facts = null
        response.setHeader('cache-control', 'public, max-age=60').end('x')
      },
    })
    expect(isPrivate(await ask('/documents'))).toBe(false)
  })

  it('control: what is stricter already stays as it is', async () => {
    const said = 'private, no-store, no-transform'
    const { ask } = await start({ route: (_, response) => void response.setHeader('cache-control', said).end('x') })
    expect((await ask('/api/trpc/session.me')).headers['cache-control']).toBe(said)
  })
})

describe('check 39: headers of every class of answer', () => {
  const paths = ['/', '/api/trpc/a', '/api/auth/x', '/api/documents/x', '/api/health/live', '/_next/static/a', '/icon']
  it.each(paths)('%s has them all, whoever answers', async (path) => {
    const { ask } = await start({ settings: { isHttps: true } })
    const { headers } = await ask(path)
    expect(headers).toMatchObject(ALWAYS)
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{8,}/)
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(headers).not.toHaveProperty('x-powered-by')
    expect(headers['x-request-id']).toBe('made-here')
  })

  it('so have refusals, failures, and what is no request', async () => {
    const { ask, number } = await start({
      page: () => {
        throw new Error('secret words')
      },
    })
    const failed = await ask('/')
    expect(failed.status).toBe(500)
    expect(failed.headers).toMatchObject(ALWAYS)
    expect(failed.body).not.toContain('secret words')
    const refused = await ask('/', { method: 'DELETE' })
    expect([refused.status, refused.headers['allow']]).toEqual([405, 'GET, HEAD'])
    expect(refused.headers).toMatchObject(ALWAYS)
    const socket = connect(number, '127.0.0.1')
    socket.write('no request\r\n\r\n')
    const [said] = await once(socket, 'data')
    expect(String(said)).toMatch(/^HTTP\/1.1 400 [\s\S]*x-content-type-options: nosniff/)
  })

  it('a page’s own policy stays', async () => {
    const { ask } = await start({
      page: (_, response) => void response.setHeader('content-security-policy', "script-src 'nonce-x'").end('x'),
    })
    expect((await ask('/')).headers['content-security-policy']).toBe("script-src 'nonce-x'")
  })

  it('control: over http browsers are not told to stay with https', async () => {
    const { ask } = await start()
    expect((await ask('/')).headers).not.toHaveProperty('strict-transport-security')
  })
})

describe('limits before anybody looks at a request', () => {
  it.each([
    [405, '/api/trpc/a', { method: 'PUT' }],
    [405, '/documents', { method: 'POST', body: 'x' }],
    [405, '/api/uploads/x', { method: 'GET' }],
    [400, '/documents', { headers: { 'content-length': 5 }, body: 'hello' }],
    [413, '/api/trpc/a', { method: 'POST', headers: { 'content-length': 2 * 1024 * 1024 } }],
  ])('answers %i to %s', async (status, path, request) => {
    const { ask } = await start()
    expect((await ask(path, request)).status).toBe(status)
  })

  it('one request more than may wait is told when to come back, and probes and streams are not', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const { ask, open } = await start({
      settings: { maxRequests: 2 },
      page: async (_, response) => {
        await held
        response.end()
      },
    })
    const waiting = [ask('/a'), ask('/b')]
    await expect.poll(() => open.answers.size).toBe(2)
    const refused = await ask('/c')
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1'])
    expect((await ask('/api/health/live')).status).toBe(200)
    release()
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200])
  })
})

it('whoever watches is told of each request once, and who answered it', async () => {
  const { ask, port } = await start({
    answerRead: (_, response) => {
      response.end('kept')
      return Promise.resolve(true)
    },
  })
  const ended: EndedRequest[] = []
  port.observers.add({ ended: (request) => void ended.push(request) })
  await ask('/api/trpc/documents.list,session.me?batch=1')
  await ask('/documents')
  await expect.poll(() => ended.length).toBe(2)
  expect(ended.map(({ by, procedures, status }) => [by, procedures, status])).toEqual([
    ['kept', 'documents.list,session.me', 200],
    ['next', null, 200],
  ])
})
