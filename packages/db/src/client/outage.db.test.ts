import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AppError } from '@quarry/contracts'
import { newId, openDatabase, schema, type Database } from '../index.ts'
import {
  createTenant,
  createTestDatabase,
  startChaosProxy,
  type Behaviour,
  type ChaosProxy,
  type TestDatabase,
  type TestTenant,
} from '../testing/index.ts'
import { findServerPrograms, startTestServer, type TestServer } from '../testing/test-server.ts'

const POOL = 5
const CALLERS = 20
/** As check 10 has it: every call settles, and soon after the database we are well again, in the same process. */
const SETTLED_MS = 10_000
const WELL_AGAIN_MS = 30_000
const CONNECTS_PER_SECOND = 10
/** Long enough to tell a steady pace of reconnecting from the pool's first filling. */
const FAULT_MS = 2_500

const programs = await findServerPrograms()
let server: TestServer | undefined
let db: TestDatabase
let proxy: ChaosProxy
let tenant: TestTenant
let one: Database

const through = (port: number) => {
  if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const url = new URL(db.adapter.url)
  url.port = String(port)
  return { kind: 'postgres', url: url.href, ownerUrl: null } as const
}

beforeAll(async () => {
  server = programs === null ? undefined : await startTestServer(programs)
  db = await createTestDatabase(server?.url)
  tenant = await createTenant(db)
  if (db.adapter.kind !== 'postgres') throw new Error('needs PostgreSQL')
  const { hostname, port } = new URL(db.adapter.url)
  proxy = await startChaosProxy({ host: hostname, port: Number(port) })
  one = openDatabase(through(proxy.port), { pool: { max: POOL } })
}, 120_000)
afterAll(async () => {
  await one.close()
  await proxy.close()
  await db.close()
  await server?.close()
})

const write = (database = one) => {
  const id = newId()
  const values = { orgId: tenant.orgId, id, name: id }
  return database
    .tenant(tenant.owner)
    .tx((tx) => tx.insert(schema.collection).values(values))
    .then(() => id)
}

/** Callers that write one row after the other, and note what they were told. */
const startLoad = () => {
  const seen = { acknowledged: [] as string[], refused: 0, others: [] as unknown[], slowestMs: 0, lastRefusal: 0 }
  let running = true
  const caller = async () => {
    while (running) {
      const started = performance.now()
      try {
        seen.acknowledged.push(await write())
      } catch (error) {
        seen.lastRefusal = performance.now()
        if (error instanceof AppError && error.code === 'unavailable') seen.refused++
        else seen.others.push(error)
      }
      seen.slowestMs = Math.max(seen.slowestMs, performance.now() - started)
    }
  }
  const callers = Array.from({ length: CALLERS }, caller)
  return {
    seen,
    stop: async () => {
      running = false
      await Promise.all(callers)
      return seen
    },
  }
}

const until = async (holds: () => boolean, withinMs: number) => {
  const started = performance.now()
  while (!holds() && performance.now() - started < withinMs) await pause(20)
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const cutAll = () =>
  db.owner.unsafe(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
const setReadOnly = async (on: boolean) => {
  const [row] = await db.owner.unsafe<{ name: string }[]>('select current_database() as name')
  await db.owner.unsafe(`alter database ${row!.name} ${on ? 'set default_transaction_read_only = on' : 'reset all'}`)
}
const backends = async () => {
  const rows = await db.owner.unsafe<{ pid: number }[]>(
    `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
  return rows.map((row) => row.pid)
}

interface Fault {
  readonly name: string
  readonly forMs?: number
  begin(): Promise<void>
  end(): Promise<void>
}
const ofNetwork = (behaviour: Behaviour): Fault => ({
  name: behaviour,
  begin: () => {
    proxy.behave(behaviour)
    // One that falls silent lets nobody go; with the others what was open ends too.
    if (behaviour !== 'fall silent') proxy.cut()
    return Promise.resolve()
  },
  end: () => Promise.resolve(proxy.behave('pass')),
})
let cutting: NodeJS.Timeout | undefined
let stopped: number[] = []
const FAULTS: readonly Fault[] = [
  ofNetwork('close at start-up'),
  ofNetwork('close in the handshake'),
  ofNetwork('reset'),
  ofNetwork('fall silent'),
  {
    name: 'cut every connection again and again',
    begin: () => {
      cutting = setInterval(() => void cutAll().catch(() => {}), 200)
      return Promise.resolve()
    },
    end: () => Promise.resolve(clearInterval(cutting)),
  },
  {
    name: 'become a read-only replica',
    begin: async () => {
      await setReadOnly(true)
      await cutAll()
    },
    end: () => setReadOnly(false),
  },
]
const FAULTS_OF_A_SERVER: readonly Fault[] = [
  {
    name: 'stand still, with every process of ours',
    // Past the deadline: before it everybody would be served, late.
    forMs: 5_500,
    begin: async () => {
      stopped = await backends()
      for (const pid of stopped) process.kill(pid, 'SIGSTOP')
    },
    end: () => {
      for (const pid of stopped) process.kill(pid, 'SIGCONT')
      return Promise.resolve()
    },
  },
  { name: 'be restarted', begin: () => server!.stop('fast'), end: () => server!.start() },
  { name: 'crash', begin: () => server!.stop('immediate'), end: () => server!.start() },
]

const suffer = async (fault: Fault) => {
  const load = startLoad()
  await until(() => load.seen.acknowledged.length > 20, SETTLED_MS)
  const before = load.seen.acknowledged.length
  const connected = proxy.connects
  const began = performance.now()
  await fault.begin()
  await pause(fault.forMs ?? FAULT_MS)
  const connectsPerSecond = (proxy.connects - connected) / ((performance.now() - began) / 1000)
  await fault.end()

  const ended = performance.now()
  const done = load.seen.acknowledged.length
  // Well again: a hundred writes were acknowledged, and nobody has been refused for a second.
  await until(
    () =>
      load.seen.acknowledged.length > done + 100 && performance.now() - Math.max(ended, load.seen.lastRefusal) > 1_000,
    WELL_AGAIN_MS + 1_000,
  )
  const wellAgainMs = Math.max(0, load.seen.lastRefusal - ended)
  const seen = await load.stop()
  const rows = await db.owner.unsafe<{ n: number }[]>(
    `select count(*)::integer as n from collection where id = any ($1::uuid[])`,
    [`{${seen.acknowledged.join(',')}}`],
  )
  return { ...seen, before, done, connectsPerSecond, wellAgainMs, lost: seen.acknowledged.length - rows[0]!.n }
}

const expectCalm = (seen: Awaited<ReturnType<typeof suffer>>) => {
  expect(seen.before).toBeGreaterThan(0)
  expect(seen.acknowledged.length).toBeGreaterThan(seen.done + 100)
  expect(seen.others).toEqual([])
  expect(seen.slowestMs).toBeLessThan(SETTLED_MS)
  expect(seen.wellAgainMs).toBeLessThan(WELL_AGAIN_MS)
  expect(seen.connectsPerSecond).toBeLessThan(CONNECTS_PER_SECOND)
  expect(seen.lost).toBe(0)
  expect(one.stats()).toMatchObject({ lent: 0, waiting: 0 })
}

describe('check 10: under load, a server that may', () => {
  test.each(FAULTS)('$name is suffered and found again', { timeout: 90_000 }, async (fault) => {
    const seen = await suffer(fault)
    // The fault was one.
    expect(seen.refused).toBeGreaterThan(0)
    expectCalm(seen)
  })

  test.skipIf(programs === null).each(FAULTS_OF_A_SERVER)(
    '$name is suffered and found again',
    { timeout: 90_000 },
    async (fault) => {
      const seen = await suffer(fault)
      expect(seen.refused).toBeGreaterThan(0)
      expectCalm(seen)
    },
  )

  test('control: do nothing of the kind refuses nobody', async () => {
    const load = startLoad()
    await until(() => load.seen.acknowledged.length > 200, SETTLED_MS)
    const seen = await load.stop()
    expect(seen).toMatchObject({ refused: 0, others: [] })
    expect(seen.acknowledged.length).toBeGreaterThan(200)
  })

  test(
    'mutation: without a deadline of ours a call to a server that has fallen silent does not end',
    { timeout: 60_000 },
    async () => {
      const other = openDatabase(through(proxy.port), { pool: { max: 2 } })
      await other.ping()
      proxy.behave('fall silent')
      const endless = other.tenant(tenant.owner).tx((tx) => tx.select().from(schema.collection), { timeoutMs: 600_000 })
      endless.catch(() => {})
      const started = performance.now()
      await expect(one.tenant(tenant.owner).tx((tx) => tx.select().from(schema.collection))).rejects.toMatchObject({
        code: 'unavailable',
      })
      expect(performance.now() - started).toBeLessThan(SETTLED_MS / 2)
      expect(await Promise.race([endless.catch(() => 'ended'), pause(500).then(() => 'still waits')])).toBe(
        'still waits',
      )
      proxy.behave('pass')
      proxy.cut()
      await expect(endless).rejects.toMatchObject({ code: 'unavailable' })
      await other.close()
    },
  )

  test('connections that died unnoticed cost one caller his deadline, not one each', { timeout: 60_000 }, async () => {
    const other = openDatabase(through(proxy.port), { pool: { max: 8 } })
    await Promise.all(Array.from({ length: 8 }, () => other.tenant(tenant.owner).tx(() => pause(100))))
    expect(other.stats().idle).toBe(8)
    // The open ones stay silent for good; new ones pass.
    proxy.behave('fall silent')
    proxy.behave('pass')
    await expect(other.ping()).rejects.toMatchObject({ code: 'unavailable' })
    for (let i = 0; i < 10; i++) await other.ping()
    await other.close()
  })
})
