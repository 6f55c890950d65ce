import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, get, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openChildLog } from '../boot/child-log.mjs'
import { freePort } from '../services/free-port.mjs'
import { Member } from './member.mjs'
import { ACCESS_LOG, ownNginx } from './own-nginx.mjs'

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
}
type Replica = (request: IncomingMessage, response: ServerResponse) => void

let folder: string
let url: string
let nginx: Member
let servers: Server[]
/** What each of the two replicas does at the moment, and what it has been asked. */
let replicas: [Replica, Replica]
let seen: [IncomingMessage[], IncomingMessage[]]

const ok: Replica = (_, response) => void response.end('ok')
const breaks: Replica = (incoming) => void incoming.socket.destroy()
const refuses: Replica = (_, response) => void response.writeHead(503, { 'retry-after': '7' }).end('busy')

const listen = async (which: 0 | 1): Promise<Server> => {
  const server = createServer((incoming, response) => {
    seen[which].push(incoming)
    replicas[which](incoming, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}
const portOf = (server: Server): number => (server.address() as AddressInfo).port

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-nginx-'))
  // Where root starts it, nginx's processes are somebody else's.
  chmodSync(folder, 0o711)
  servers = [await listen(0), await listen(1)]
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  const own = await ownNginx({ folder, host: '127.0.0.1', port })
  await own.configure([...servers.map(portOf), await freePort()])
  const log = openChildLog(path.join(folder, 'logs'), 'nginx', () => undefined)
  nginx = new Member({ kind: 'proxy', startMs: 20_000, graceMs: 5_000, ...own.member }, log, () => undefined)
  await nginx.start()
})
afterAll(async () => {
  await nginx.stop()
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  replicas = [ok, ok]
  seen = [[], []]
})

const ask = (where: string, options: { method?: string; headers?: Record<string, string>; body?: string } = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const outgoing = request(`${url}${where}`, { method, headers, agent: false }, (response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
const times = async <T>(count: number, work: () => Promise<T>): Promise<T[]> => {
  const all: T[] = []
  for (let i = 0; i < count; i++) all.push(await work())
  return all
}
const asked = () => seen[0].length + seen[1].length

describe('check 12: the balancer before the replicas', () => {
  it('control: sends requests to all of them, and past a port where nobody is', async () => {
    const answers = await times(20, () => ask('/api/trpc/documents.list'))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(seen[0].length).toBeGreaterThan(3)
    expect(seen[1].length).toBeGreaterThan(3)
  })

  it('asks another one where a read breaks, and never sends a change twice', async () => {
    replicas = [breaks, ok]
    const reads = await times(10, () => ask('/api/trpc/documents.list'))
    expect(reads.map(({ status }) => status)).toEqual(reads.map(() => 200))
    replicas = [breaks, breaks]
    seen = [[], []]
    // Both may be left out for a second after so many faults.
    await expect.poll(async () => (await ask('/x', { method: 'POST', body: 'x' }), asked())).toBe(1)
  })

  it('mutation: without another replica a read that breaks is not answered, and says when to come back', async () => {
    replicas = [breaks, breaks]
    const answer = await ask('/api/trpc/documents.list')
    expect(answer).toMatchObject({ status: 502, headers: { 'retry-after': '1' } })
    expect(answer.text).toContain('Try again')
  })

  it('opens a stream elsewhere when a replica that is stopping refuses it; an overload is told as it is', async () => {
    await expect.poll(async () => (await ask('/x')).status).toBe(200)
    replicas = [
      refuses,
      (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: 1\n\n'),
    ]
    const streams = await times(6, () => ask('/api/trpc/chat.stream'))
    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200))
    replicas = [refuses, refuses]
    seen = [[], []]
    const overload = await ask('/api/trpc/chat.send', { method: 'POST', body: '{}' })
    expect(overload).toMatchObject({ status: 503, headers: { 'retry-after': '7' }, text: 'busy' })
    expect(asked()).toBe(1)
  })

  it('hands on each event at once', async () => {
    let end = (): void => undefined
    const stream: Replica = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: first\n\n')
      end = () => void response.end()
    }
    replicas = [stream, stream]
    const first = await new Promise<string>((resolve, reject) => {
      get(`${url}/api/trpc/chat.stream`, { agent: false }, (response) => {
        response.once('data', (part: Buffer) => resolve(part.toString()))
      }).on('error', reject)
    })
    expect(first).toBe('data: first\n\n')
    end()
  })

  it('says itself who the caller is and what the request is called, whatever the caller says', async () => {
    await expect.poll(async () => (await ask('/x')).status).toBe(200)
    seen = [[], []]
    await ask('/api/trpc/session.me?input=secret', {
      headers: {
        'x-forwarded-for': '1.2.3.4',
        forwarded: 'for=1.2.3.4',
        'x-request-id': 'mine',
        'x-quarry-peer': '9.9.9.9',
      },
    })
    const [incoming] = [...seen[0], ...seen[1]]
    expect(incoming?.headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' })
    expect(incoming?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
    expect(incoming?.headers.forwarded).toBeUndefined()
    expect(incoming?.headers['x-quarry-peer']).toBeUndefined()
    await expect
      .poll(() => readFileSync(path.join(folder, ACCESS_LOG), 'utf8'))
      .toContain(incoming?.headers['x-request-id'])
    expect(readFileSync(path.join(folder, ACCESS_LOG), 'utf8')).not.toContain('secret')
  })

  it('refuses what is larger than the replicas take', async () => {
    const body = 'x'.repeat(1024 * 1024 + 1)
    expect(await ask('/api/trpc/chat.send', { method: 'POST', body })).toMatchObject({ status: 413 })
    expect(await ask('/api/uploads/1', { method: 'PUT', body })).toMatchObject({ status: 200 })
    expect((await ask('/', { headers: { cookie: 'x'.repeat(20_000) } })).status).toBe(400)
  })
})
