import { once } from 'node:events'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { request } from '../testing/people.ts'
import { serveTrpc, type Served } from '../testing/served.ts'
import { signUp } from '../testing/sign-up.ts'
import { startWebProcess, type WebProcess } from '../testing/web-process.ts'
import { openStreams } from './open-streams.ts'

const MOST_PER_USER = 6
const STREAMS = 1_000
const ROUNDS = 5
const CYCLES_PER_ROUND = 1_000
/** What a heap differs by for other reasons: a stream that is left behind holds 60 kB, a round of them 60 MB. */
const MOST_MB_PER_ROUND = 3
const BACK_MS = 30_000

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

let web: WebProcess
let served: Served
beforeAll(async () => {
  web = await startWebProcess({
    variables: {
      ...{ STREAM_MAX_PER_USER: String(MOST_PER_USER), STREAM_MAX_PER_ORGANISATION: '50' },
      ...{ RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_PER_HOUR: '100000000', RATE_LIMIT_IP_PER_MINUTE: '1000000' },
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
/** Opens a stream, reads its first bytes and breaks the connection. @returns milliseconds until the first byte */
const openAndLeave = async (cookie: string): Promise<number> => {
  const startedAt = performance.now()
  const socket = connect(served.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(
    [
      'GET /api/trpc/feed.stream?input=%7B%7D HTTP/1.1',
      ...['host: 127.0.0.1:3000', 'origin: http://127.0.0.1:3000', 'accept: text/event-stream'],
      `cookie: ${cookie}`,
      '\r\n',
    ].join('\r\n'),
  )
  await once(socket, 'data')
  const ms = performance.now() - startedAt
  socket.destroy()
  return ms
}
const heapMb = () => {
  collectGarbage()
  return process.memoryUsage().heapUsed / 1e6
}

describe('check 15: streams in full number', () => {
  it(`${STREAMS} streams that one person opens at once are as many as one may have`, { timeout: 300_000 }, async () => {
    const { cookie } = await signUp()
    const opened = await Promise.all(
      Array.from({ length: STREAMS }, () => request('GET', 'feed.stream', {}, { cookie })),
    )
    const counts = Map.groupBy(opened, ({ status }) => status)
    expect([counts.get(200)?.length, counts.get(429)?.length]).toEqual([MOST_PER_USER, STREAMS - MOST_PER_USER])
    for (const { body } of opened) await body?.cancel()
    await expect.poll(() => streams().size, { timeout: BACK_MS }).toBe(0)
  })

  it(`${ROUNDS * CYCLES_PER_ROUND} streams that are opened and left leave nothing`, { timeout: 600_000 }, async () => {
    const { cookie } = await signUp()
    const heaps: number[] = []
    const firstBytes: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      for (let cycle = 0; cycle < CYCLES_PER_ROUND; cycle++) {
        firstBytes.push(await openAndLeave(cookie))
        await expect.poll(() => streams().size, { interval: 1 }).toBeLessThan(MOST_PER_USER)
      }
      await expect.poll(async () => [streams().size, await served.connections()], { timeout: BACK_MS }).toEqual([0, 0])
      expect(globalThis.quarryConnections?.size).toBe(0)
      heaps.push(heapMb())
    }
    const late = firstBytes.toSorted((a, b) => a - b).at(Math.floor(firstBytes.length * 0.99)) ?? Infinity
    expect(late, 'the first byte').toBeLessThan(1_000)
    const [first = 0, last = Infinity] = [heaps[0], heaps.at(-1)]
    expect((last - first) / (ROUNDS - 1), `heap after each round: ${heaps.join(', ')}`).toBeLessThan(MOST_MB_PER_ROUND)
  })
})
