import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { orgId, runId } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { change, newMember, request } from '../testing/people.ts'
import { serveTrpc, type Served } from '../testing/served.ts'
import { signUp } from '../testing/sign-up.ts'
import { openReader } from '../testing/open-reader.ts'
import { startWebProcess, type WebProcess } from '../testing/web-process.ts'
import { createOpenStreams, openStreams } from './open-streams.ts'

const MOST_PER_USER = 3
const CYCLES = 300

let web: WebProcess
let served: Served
beforeAll(async () => {
  web = await startWebProcess({
    variables: {
      STREAM_MAX_PER_USER: String(MOST_PER_USER),
      STREAM_MAX_PER_ORGANISATION: '5',
      // What is tested here is not how often somebody may call.
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_IP_PER_MINUTE: '100000',
    },
  })
  served = await serveTrpc()
})
afterAll(async () => {
  await served.close()
  await web.close()
  globalThis.quarryStreams = undefined
})

const streams = () => openStreams(web.core.deps.limits.stream)
const open = async (cookie: string): Promise<Response> => request('GET', 'feed.stream', {}, { cookie })
const refusal = z.object({
  error: z.object({ data: z.object({ app: z.looseObject({ code: z.string(), details: z.looseObject({}) }) }) }),
})

describe('check 15: a place for each stream', () => {
  it('is refused with 429 to who has enough, says when to come back, and is free again when one ends', async () => {
    const { cookie } = await signUp()
    const opened = await Promise.all(Array.from({ length: MOST_PER_USER }, () => open(cookie)))
    expect(opened.map(({ status }) => status)).toEqual([200, 200, 200])

    const refused = await open(cookie)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('10')
    expect(refused.headers.get('ratelimit-policy')).toContain('"user";q=100000')
    expect(refusal.parse(await refused.json()).error.data.app).toMatchObject({
      code: 'rate_limited',
      details: { limit: 'streams-per-user', retryAfterSeconds: 10 },
    })

    await opened[0]?.body?.cancel()
    const next = await open(cookie)
    expect(next.status).toBe(200)
    for (const { body } of [...opened.slice(1), next]) await body?.cancel()
    await expect.poll(() => streams().size).toBe(0)
  })

  it('is counted for a whole organisation, and not against others', async () => {
    const owner = await signUp()
    const member = await newMember(owner)
    const opened = [
      ...(await Promise.all(Array.from({ length: MOST_PER_USER }, () => open(owner.cookie)))),
      ...(await Promise.all(Array.from({ length: MOST_PER_USER }, () => open(member.cookie)))),
    ]
    expect(opened.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
    const stranger = await open((await signUp('Elsewhere')).cookie)
    expect(stranger.status).toBe(200)
    for (const { body } of [...opened, stranger]) await body?.cancel()
    await expect.poll(() => streams().size).toBe(0)
  })

  it('control: others are served beside who has all of theirs', async () => {
    const [{ cookie }, other] = [await signUp(), await signUp('Beside')]
    const opened = await Promise.all(Array.from({ length: MOST_PER_USER }, () => open(cookie)))
    const beside = await open(other.cookie)
    expect(beside.status).toBe(200)
    const reader = beside.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toContain('connected')
    await reader?.cancel()
    for (const { body } of opened) await body?.cancel()
    await expect.poll(() => streams().size).toBe(0)
  })

  it('mutation: without a bound for one person, that person has what all others share', async () => {
    const { cookie } = await signUp()
    const bounded = streams()
    globalThis.quarryStreams = createOpenStreams({ ...web.core.deps.limits.stream, maxPerUser: 1000 })
    const opened = await Promise.all(Array.from({ length: MOST_PER_USER + 1 }, () => open(cookie)))
    expect(opened.map(({ status }) => status)).not.toContain(429)
    for (const { body } of opened) await body?.cancel()
    await expect.poll(() => streams().size).toBe(0)
    globalThis.quarryStreams = bounded
  })

  it('is not taken by who may not have the stream', async () => {
    expect((await open('')).status).toBe(200)
    expect(streams().size).toBe(0)
  })
})

/** A browser that says what it wants and then reads what it likes. */
const ask = (path: string, input: object, cookie: string): Socket => {
  const socket = connect(served.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    [
      `GET /api/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))} HTTP/1.1`,
      `host: 127.0.0.1:3000`,
      `origin: http://127.0.0.1:3000`,
      `accept: text/event-stream`,
      `cookie: ${cookie}`,
      '\r\n',
    ].join('\r\n'),
  )
  return socket
}

describe('check 15: who opens and leaves', () => {
  it(`leaves nothing behind after ${CYCLES} streams that were opened and left`, async () => {
    const { cookie } = await signUp()
    const { signals } = web.core.deps
    let subscribed = 0
    const subscribe = signals.subscribe.bind(signals)
    vi.spyOn(signals, 'subscribe').mockImplementation((org, listener) => {
      const unsubscribe = subscribe(org, listener)
      subscribed++
      return () => {
        subscribed--
        unsubscribe()
      }
    })
    for (let cycle = 0; cycle < CYCLES; cycle++) {
      const socket = ask('feed.stream', {}, cookie)
      const startedAt = performance.now()
      const [first] = z.tuple([z.instanceof(Buffer)]).parse(await once(socket, 'data'))
      if (cycle === 0) {
        expect(first.toString()).toContain('200 OK')
        expect(performance.now() - startedAt, 'the first byte').toBeLessThan(1000)
      }
      // Some leave at once, some when it runs.
      if (cycle % 2 === 0) await expect.poll(() => subscribed, { interval: 2 }).toBeGreaterThan(0)
      socket.destroy()
      // No more of them than one person may have.
      await expect.poll(() => streams().size, { interval: 2 }).toBeLessThan(MOST_PER_USER)
    }
    await expect.poll(async () => [streams().size, subscribed, await served.connections()]).toEqual([0, 0, 0])
    expect(globalThis.quarryConnections?.size).toBe(0)
    vi.restoreAllMocks()
  })
})

/** A run of somebody's that is written here, event by event, and by nobody else. */
const newRun = async (cookie: string) => {
  const ref = z.looseObject({ runId, messageId: z.uuid() })
  const sent = await change(ref, 'chat.send', { cookie }, { text: 'Why?', idempotencyKey: randomUUID() })
  const id = runId.parse(randomUUID())
  const { owner } = web.database
  await expect
    .poll(async () => (await owner.unsafe('select state from run where id = $1', [sent.runId]))[0]?.['state'], {
      timeout: 20_000,
    })
    .not.toBe('running')
  const [row] = await owner.unsafe(
    `insert into run select (jsonb_populate_record(r, jsonb_build_object('id', $2::text, 'state', 'running',
       'lease_holder', 'somebody', 'heartbeat_at', now() + interval '1 hour', 'ended_at', null))).*
     from run r where id = $1 returning org_id`,
    [sent.runId, id],
  )
  return { runId: id, orgId: orgId.parse(row?.['org_id']) }
}

describe('check 15: a reader that takes nothing', () => {
  const TEXT = 'x'.repeat(20_000)
  /** 16 MB: the kernel takes some megabytes for a reader that reads nothing. */
  const EVENTS = 800

  it('loses its connection, comes back, and misses nothing', { timeout: 120_000 }, async () => {
    const { cookie } = await signUp()
    const run = await newRun(cookie)
    const writer = await web.core.deps.runLog.open(run, 1)
    const socket = ask('chat.stream', { runId: run.runId }, cookie)
    await once(socket, 'data')
    socket.pause()
    await expect.poll(() => streams().size).toBe(1)
    const quick = await openReader('chat.stream', { runId: run.runId }, { cookie })

    let written = 0
    const write = async () => {
      await writer.append([{ type: 'text', delta: `${written++} ${TEXT}` }])
      // At the pace of one who reads.
      while (quick.text().length < written * TEXT.length) await nextTurn()
    }
    while (written < EVENTS) await write()
    await expect.poll(() => streams().size, { message: 'it is dropped', timeout: 20_000 }).toBe(1)
    await expect.poll(() => served.connections()).toBe(0)
    for (let i = 0; i < 5; i++) await write()

    // It comes back with what it had, and goes on behind that.
    let seen = ''
    socket.on('data', (piece) => (seen += String(piece)))
    socket.resume()
    await once(socket, 'close')
    const lastSeen = Number([...seen.matchAll(/^id: (\d+)\n/gm)].at(-1)?.[1] ?? 0)
    expect(lastSeen).toBeLessThan(written)
    expect(seen, 'it is not told that it has all').not.toMatch(/event: (return|serialized-error)/)

    const again = await request('GET', 'chat.stream', { runId: run.runId, lastEventId: String(lastSeen) }, { cookie })
    const rest = again.text()
    await writer.append([
      {
        type: 'end',
        state: 'complete',
        abstained: false,
        model: 'm',
        usage: { inputTokens: 1, outputTokens: 1, steps: 1 },
        timings: { firstTokenMs: 1, totalMs: 1 },
      },
    ])
    const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id))
    expect(idsIn(await rest)).toEqual(Array.from({ length: written + 1 - lastSeen }, (_, i) => lastSeen + 1 + i))
    await quick.ended
    expect(idsIn(quick.text()), 'others are not held up').toEqual(Array.from({ length: written + 1 }, (_, i) => i + 1))
  })
})
