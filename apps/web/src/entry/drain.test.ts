import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { expect, it, onTestFinished } from 'vitest'
import { startEntryServer, type EntryOptions } from './testing/entry-server.ts'

const start = async (options?: EntryOptions) => {
  const entry = await startEntryServer(options)
  onTestFinished(entry.close)
  return entry
}
const EVENTS = { accept: 'text/event-stream' }

it('a process that leaves is not ready at once, takes no stream, and answers what it has', async () => {
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const { ask, drain, calls, open } = await start({
    settings: { drainDelayMs: 500 },
    page: async (_, response) => {
      await held
      response.end('all of it')
    },
  })
  const running = ask('/slow')
  await expect.poll(() => open.answers.size).toBe(1)
  const stopped = drain.stop()
  const ready = await ask('/api/health/ready')
  expect([ready.status, ready.headers['connection'], JSON.parse(ready.body)]).toMatchObject([
    503,
    'close',
    { ok: false },
  ])
  expect((await ask('/api/health/live')).status, 'it lives').toBe(200)
  const stream = await ask('/api/trpc/feed.stream', { headers: EVENTS })
  expect([stream.status, stream.headers['retry-after']]).toEqual([503, '1'])
  release()
  expect(await running).toMatchObject({ status: 200, body: 'all of it' })
  expect(await stopped).toEqual({ inTime: true })
  expect(calls.filter((call) => !call.includes(':'))).toEqual(['stopStreams', 'giveAway', 'close'])
})

it('an open stream ends as a whole answer after its last event', async () => {
  const { drain, number, open } = await start({
    route: (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'),
  })
  const [response] = await once(
    get({ host: '127.0.0.1', port: number, path: '/api/trpc/a', headers: EVENTS }),
    'response',
  )
  await expect.poll(() => open.streams.size).toBe(1)
  const read = (async () => {
    let text = ''
    for await (const piece of response) text += String(piece)
    return { text, complete: response.complete }
  })()
  expect(await drain.stop()).toEqual({ inTime: true })
  expect(await read).toEqual({ text: 'data: 1\n\n', complete: true })
})

it('what does not end by itself is waited for no longer than the deadline, and it is said', async () => {
  const { ask, drain, calls, open } = await start({ deadlineMs: 300, page: () => new Promise(() => undefined) })
  const cut = ask('/never').catch((error: unknown) => error)
  await expect.poll(() => open.answers.size).toBe(1)
  expect(await drain.stop()).toEqual({ inTime: false })
  expect(calls.at(-1)).toMatch(/^error: .*did not stop in time/)
  open.answers.forEach((response) => response.destroy())
  await cut
})

it('a POST on a connection that was idle is answered while the process leaves, and the connection then closes', async () => {
  const { ask, drain, server } = await start({
    settings: { drainDelayMs: 600 },
    route: async (request, response) => {
      let text = ''
      for await (const piece of request) text += String(piece)
      response.end(`read ${text}`)
    },
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const connections: unknown[] = []
  server.on('connection', (socket) => connections.push(socket))
  const post = () => ask('/api/trpc/a', { method: 'POST', body: '{}', agent, headers: { 'content-length': '2' } })
  const first = await post()
  expect([first.body, first.headers['connection']]).toEqual(['read {}', 'keep-alive'])
  const stopped = drain.stop()
  // Sent when it says already that it leaves, and before the balancer has seen that.
  const second = await post()
  expect([second.status, second.body, second.headers['connection']]).toEqual([200, 'read {}', 'close'])
  expect(connections).toHaveLength(1)
  expect(await stopped).toEqual({ inTime: true })
})

it('a connection that is idle at the end of the delay is closed, and a POST on it goes to another replica', async () => {
  const { ask, drain, server, number } = await start({ route: (_, response) => void response.end('here') })
  const elsewhere = await start({ route: (_, response) => void response.end('elsewhere') })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const post = { method: 'POST', body: '{}', agent, headers: { 'content-length': '2' } }
  expect((await ask('/api/trpc/a', post)).body).toBe('here')
  const [socket] = Object.values(agent.freeSockets).flat()
  if (socket === undefined) throw new Error('the connection was not kept')
  const closed = once(socket, 'close')
  expect(await drain.stop()).toEqual({ inTime: true })
  await closed
  expect(server.listening).toBe(false)
  // What a balancer does: the connection is refused before a byte was sent, so that the request may go elsewhere.
  await expect(ask('/api/trpc/a', post)).rejects.toMatchObject({ code: 'ECONNREFUSED', port: number })
  expect((await elsewhere.ask('/api/trpc/a', post)).body).toBe('elsewhere')
})
