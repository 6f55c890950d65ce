import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { RequestClass } from '../server/entry-port.ts'
import { boundBody, HEADERS_TIMEOUT_MS } from './request-limits.ts'
import { startEntryServer, type EntryOptions } from './testing/entry-server.ts'

const start = async (options?: EntryOptions) => {
  const entry = await startEntryServer(options)
  onTestFinished(entry.close)
  return entry
}

/** A connection on which everything is written by hand; `ended` gives all that came back, and after how long. */
const open = (port: number): { socket: Socket; ended: Promise<{ text: string; tookMs: number }> } => {
  const from = performance.now()
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (piece: Buffer) => (text += piece.toString()))
  // Cut off is an end, too.
  socket.on('error', () => undefined)
  const ended = once(socket, 'close').then(() => ({ text, tookMs: performance.now() - from }))
  onTestFinished(() => void socket.destroy())
  return { socket, ended }
}
/** Node looks at its connections every five seconds. */
const LOOKED_AT_MS = 5_000

describe('a request whose head does not come', () => {
  it('is told so after its time, with the headers of every answer', { timeout: 30_000 }, async () => {
    const { number, server } = await start()
    expect(server.headersTimeout).toBe(HEADERS_TIMEOUT_MS)
    server.headersTimeout = 200
    const { socket, ended } = open(number)
    socket.write('GET /documents HTTP/1.1\r\nhost: a\r\n')
    const { text, tookMs } = await ended
    expect(text).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
    for (const header of ['connection: close', 'x-content-type-options: nosniff', 'cache-control: private'])
      expect(text.toLowerCase()).toContain(header)
    expect(tookMs).toBeLessThan(2 * LOOKED_AT_MS)
  })

  it('is refused where it is too large, or is none', async () => {
    const { number } = await start()
    const large = open(number)
    large.socket.write(`GET / HTTP/1.1\r\nhost: a\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`)
    expect((await large.ended).text).toMatch(/^HTTP\/1\.1 431 /)
    const none = open(number)
    none.socket.write('what is this\r\n\r\n')
    expect((await none.ended).text).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('a request whose body does not come', () => {
  const DEADLINE_MS = 300
  /** More than an upload has to bring in one deadline. */
  const ENOUGH = Buffer.alloc(32_000)

  /** A server that reads bodies, each with a deadline as the entry gives it. */
  const reader = async (requestClass: RequestClass) => {
    const server = createServer((request, response) => {
      boundBody(request, response, requestClass, DEADLINE_MS)
      request.on('error', () => undefined)
      request.resume().on('end', () => response.end('read'))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
      server.closeAllConnections()
    })
    return (server.address() as AddressInfo).port
  }
  const begin = (port: number, length: number) => {
    const connection = open(port)
    connection.socket.write(`PUT /x HTTP/1.1\r\nhost: a\r\ncontent-length: ${length}\r\n\r\n`)
    return connection
  }

  it.each(['api', 'auth', 'upload'] as const)('is cut off after its time: of the class %s', async (requestClass) => {
    const { socket, ended } = begin(await reader(requestClass), 100_000)
    socket.write('only so much')
    const { text, tookMs } = await ended
    expect(text).toBe('')
    expect(tookMs).toBeGreaterThanOrEqual(DEADLINE_MS * 0.9)
    expect(tookMs).toBeLessThan(DEADLINE_MS * 10)
  })

  it('goes on for longer than that where it is an upload that brings enough, and no call does', async () => {
    const pieces = 5
    for (const [requestClass, answer] of [
      ['upload', /^HTTP\/1\.1 200 [^]*read$/],
      ['api', /^$/],
    ] as const) {
      const { socket, ended } = begin(await reader(requestClass), pieces * ENOUGH.length)
      for (let sent = 0; sent < pieces && socket.writable; sent++) {
        socket.write(ENOUGH)
        // Of each deadline two thirds: in all of them together there is one that a call would not outlive.
        await pause((DEADLINE_MS * 2) / 3)
      }
      socket.end()
      expect((await ended).text).toMatch(answer)
    }
  })

  it('control: one that has come is answered whenever that is', async () => {
    const { number } = await start({
      route: async (request, response) => {
        for await (const _ of request);
        response.end('answered')
      },
    })
    const { socket, ended } = open(number)
    socket.write('POST /api/trpc/a HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}')
    expect((await ended).text).toMatch(/answered/)
  })
})

describe('a request that is refused by its head', () => {
  /** Whoever makes answers is never asked. */
  const refusing = async () => {
    const reached: string[] = []
    const entry = await start({
      route: (request, response) => {
        reached.push(request.url ?? '')
        response.end('routed')
      },
    })
    return { ...entry, reached }
  }

  it('says that a body is too large before any of it is read; an upload may be larger', async () => {
    const { ask, number, reached } = await refusing()
    const head = (path: string, method: string) => {
      const connection = open(number)
      connection.socket.write(`${method} ${path} HTTP/1.1\r\nhost: a\r\ncontent-length: ${1024 * 1024 + 1}\r\n\r\n`)
      return connection
    }
    const { text } = await head('/api/trpc/documents.createMany', 'POST').ended
    expect(text).toMatch(/^HTTP\/1\.1 413 [^]*"code":"too_large"/)
    expect(text.toLowerCase()).toContain('connection: close')
    expect(reached).toEqual([])
    const upload = head('/api/uploads/0190a000-0000-7000-8000-000000000000', 'PUT')
    await expect.poll(() => reached).toEqual(['/api/uploads/0190a000-0000-7000-8000-000000000000'])
    upload.socket.destroy()
    expect((await ask('/api/trpc/a', { method: 'POST', body: 'x'.repeat(1024 * 1024) })).body).toBe('routed')
  })

  it.each([
    ['a body where none is read', 'GET', '/documents', '{}', 400],
    ['a method that nothing answers', 'DELETE', '/api/trpc/a', '', 405],
    ['an upload that is no PUT', 'POST', '/api/uploads/x', '', 405],
  ])('%s', async (_, method, path, body, status) => {
    const { ask, reached } = await refusing()
    const headers = body === '' ? {} : { 'content-length': String(body.length) }
    const answer = await ask(path, { method, body, headers })
    expect(answer.status).toBe(status)
    if (status === 405) expect(String(answer.headers['allow'])).not.toContain(method)
    expect(reached).toEqual([])
  })
})
