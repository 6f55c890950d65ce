import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { AppError, type Actor, type RunEvent, type SendOutput } from '@quarry/contracts'
import { createWebCore, sendMessage, stopRun, streamRun, type VerbContext, type WebCore } from '@quarry/core/web'
import { createTenant, createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lookInto } from './testing/redis-keys.ts'
import { slowModelEnvironment, startSlowModel, type SlowModel } from './testing/slow-model.ts'

const REPLICAS = 3

let database: TestDatabase
let redis: TestRedis
let model: SlowModel
let folder: string
let tenant: TestTenant
let replicas: readonly WebCore[]

const contextOf = (core: WebCore, actor: Actor = tenant.member): VerbContext => ({
  deps: core.deps,
  actor,
  requestId: randomUUID(),
})
const replica = (i: number): WebCore => {
  const core = replicas[i % REPLICAS]
  if (core === undefined) throw new Error('no such replica')
  return core
}
const ask = (): Promise<SendOutput> =>
  sendMessage(contextOf(replica(0)), { text: 'What is the word?', idempotencyKey: randomUUID() })
/** Events after `after`, at most so many, and none after the end. */
const read = async (core: WebCore, { runId }: SendOutput, after = 0, most = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = []
  const leave = new AbortController()
  const lastEventId = after === 0 ? null : String(after)
  for await (const event of streamRun(contextOf(core), { runId, lastEventId }, leave.signal)) {
    events.push(event)
    if (event.type === 'end' || events.length >= most) break
  }
  leave.abort()
  return events
}
/** As a reader whose connection is cut after every event, and who comes back at the next replica. */
const readCut = async (reply: SendOutput, most = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = []
  for (let i = 1; events.at(-1)?.type !== 'end' && events.length < most; i++)
    events.push(...(await read(replica(i), reply, events.at(-1)?.id ?? 0, 1)))
  return events
}
const untilText = (reply: SendOutput) => read(replica(1), reply, 0, 20)
const shownBy = (events: readonly RunEvent[]): string => {
  let text = ''
  for (const event of events) {
    if (event.type === 'reset') text = event.text ?? ''
    else if (event.type === 'text') text += event.delta
  }
  return text.trimEnd()
}
const isInOrder = (events: readonly RunEvent[]) => events.every(({ id }, i) => id > (events[i - 1]?.id ?? 0))
const storedText = async ({ messageId }: SendOutput) => {
  const [row] = await database.owner<{ text: string }[]>`select text from message where id = ${messageId}`
  return row?.text
}
/** A whole answer, as one who was never cut saw it. */
const answer = async () => {
  const reply = await ask()
  const uncut = read(replica(0), reply)
  await untilText(reply)
  model.finish()
  return { reply, uncut: await uncut }
}
const flush = () => lookInto(redis, (commands) => commands.flush())

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-replay-'))
  database = await createTestDatabase()
  redis = await startTestRedis()
  model = await startSlowModel()
  tenant = await createTenant(database)
  const env = slowModelEnvironment(database, folder, model)
  replicas = Array.from({ length: REPLICAS }, () =>
    createWebCore({ ...env, adapters: { ...env.adapters, redis: redis.adapter } }),
  )
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(replicas.map((core) => core.close()))
  await model.close()
  await redis.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

describe('check 23: a reader who comes back misses nothing and is told nothing twice', () => {
  it('cut after every event while it is written, at another replica each time, and in a second tab: all the same', async () => {
    const reply = await ask()
    const [uncut, tab, cut] = [read(replica(0), reply), read(replica(1), reply), readCut(reply)]
    await untilText(reply)
    model.finish()
    const events = await uncut
    expect(events.length).toBeGreaterThan(10)
    expect(await tab).toEqual(events)
    expect(await cut).toEqual(events)
    expect(shownBy(events)).toBe(await storedText(reply))
  })

  it('from every place of an answer that is over, at any replica', async () => {
    const { reply, uncut } = await answer()
    for (const [i, { id }] of uncut.slice(0, -1).entries())
      expect(await read(replica(i), reply, id)).toEqual(uncut.slice(i + 1))
  })

  it('a log that is forgotten, or cut off at its beginning: what is stored, whole, and then what follows', async () => {
    const reply = await ask()
    const before = await untilText(reply)
    await vi.waitFor(
      async () =>
        expect((await database.owner`select 1 from run_part where run_id = ${reply.runId}`).length).toBeGreaterThan(0),
      { timeout: 15_000 },
    )
    await flush()
    const following = read(replica(2), reply, before.at(-1)?.id)
    const fromTheBeginning = read(replica(1), reply)
    model.finish()
    const told = [...before, ...(await following)]
    const text = await vi.waitFor(async () => (await storedText(reply)) ?? '')
    expect([shownBy(told), isInOrder(told)]).toEqual([text, true])
    expect(shownBy(await fromTheBeginning)).toBe(text)
    await flush()
    const late = await read(replica(0), reply, told[5]?.id)
    expect([shownBy(late), late[0]?.type, late.at(-1)?.type]).toEqual([text, 'reset', 'end'])
  })

  it('a stop takes effect within two seconds from whichever replica, and what was written stays', async () => {
    for (let i = 0; i < REPLICAS; i++) {
      const reply = await ask()
      const reading = read(replica(0), reply)
      await untilText(reply)
      const startedAt = performance.now()
      await stopRun(contextOf(replica(i)), { runId: reply.runId })
      const events = await reading
      expect(performance.now() - startedAt).toBeLessThan(2_000)
      expect(events.at(-1)).toMatchObject({ type: 'end', state: 'stopped' })
      expect(shownBy(events)).toBe(await storedText(reply))
    }
  })

  it("somebody else's answer is not there, for a stranger and for another member", async () => {
    const reply = await ask()
    const stranger = await createTenant(database)
    for (const actor of [stranger.admin, stranger.member, tenant.admin]) {
      const events = streamRun(contextOf(replica(1), actor), { runId: reply.runId }, new AbortController().signal)
      await expect(events.next()).rejects.toMatchObject(new AppError('not_found'))
    }
    model.finish()
    expect((await read(replica(1), reply)).at(-1)?.type, 'its own reader has it').toBe('end')
  })

  it('control: a reader who is never cut sees all that is stored', async () => {
    const { reply, uncut } = await answer()
    expect(uncut.at(-1)).toMatchObject({ type: 'end', state: 'complete' })
    expect(shownBy(uncut)).toBe(await storedText(reply))
    expect(shownBy(uncut)).toContain('word 1')
  })

  it.each([
    ['that repeats an event', -1],
    ['that leaves one out', 1],
  ])('mutation: a log %s is noticed', async (_what, by) => {
    const { reply, uncut } = await answer()
    const id = uncut[5]?.id ?? 0
    for (const { deps } of replicas) {
      const tail = deps.runLog.tail.bind(deps.runLog)
      vi.spyOn(deps.runLog, 'tail').mockImplementation((ref, after, signal) => tail(ref, after + by, signal))
    }
    expect(await read(replica(1), reply, id)).not.toEqual(uncut.slice(6))
  })
})
