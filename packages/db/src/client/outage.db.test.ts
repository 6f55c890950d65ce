import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase, type Database } from '../index.ts'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'

/** Stands between us and PostgreSQL, and behaves as it is told. */
type Behaviour = 'pass' | 'close at start-up' | 'never answer' | 'reset'

let db: TestDatabase
let between: Server
let behaviour: Behaviour
let connects: number
const sockets = new Set<Socket>()
let one: Database

beforeAll(async () => {
  db = await createTestDatabase()
  if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const target = new URL(db.adapter.url)
  const upstreamPort = Number(target.port)
  const upstreamHost = target.hostname
  between = createServer((socket) => {
    connects++
    sockets.add(socket)
    socket.on('error', () => {})
    if (behaviour === 'close at start-up') socket.once('data', () => socket.end())
    else if (behaviour === 'reset') socket.resetAndDestroy()
    else if (behaviour === 'pass') {
      const upstream = connect(upstreamPort, upstreamHost)
      upstream.on('error', () => socket.destroy())
      upstream.on('close', () => socket.destroy())
      socket.on('close', () => upstream.destroy())
      socket.pipe(upstream).pipe(socket)
    }
  })
  await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve))
  const address = between.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  target.hostname = '127.0.0.1'
  target.port = String(address.port)
  one = openDatabase(
    { kind: 'postgres', url: target.href, ownerUrl: null },
    { pool: { max: 5, acquireTimeoutMs: 1_500 } },
  )
})
afterAll(async () => {
  await one.close()
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => between.close(resolve))
  await db.close()
})
beforeEach(() => {
  connects = 0
})

/** Whatever the server does, every call ends; and when it is well again, so are we, in the same process. */
describe.each<Behaviour>(['close at start-up', 'never answer', 'reset'])('a server that would %s', (outage) => {
  test('makes calls unavailable in time, is not stormed, and is found again', async () => {
    behaviour = outage
    for (const socket of sockets) socket.destroy()
    const started = performance.now()
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => one.ping()))
    const seconds = (performance.now() - started) / 1000
    expect(new Set(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.code))).toEqual(
      new Set(['unavailable']),
    )
    expect(seconds).toBeLessThan(4)
    expect(connects / seconds).toBeLessThan(10)

    behaviour = 'pass'
    for (const socket of sockets) socket.destroy()
    const back = performance.now()
    while (performance.now() - back < 5_000) {
      if (
        await one.ping().then(
          () => true,
          () => false,
        )
      )
        break
    }
    await one.ping()
    expect(one.stats()).toMatchObject({ lent: 0, waiting: 0 })
  })
})
