import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { RedisAdapter } from '@quarry/config'
import { cutConnection, openConnection } from '../redis/connection.ts'
import { withDeadline } from '../redis/deadline.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { ReaderQueue } from './reader-queue.ts'
import { wakeKey, type RunKeys } from './run-keys.ts'
import { lostScript } from './run-scripts.ts'
import { eventsOf, listOf } from './stored-event.ts'

/** A connection that says nothing for so long, and a second more, is dead; a wake-up that is lost costs as much. */
const BLOCK_MS = 1_000
const SILENT_MS = BLOCK_MS + 1_000
/** A TLS handshake with a busy server in another zone takes a tenth of it. */
const CONNECT_TIMEOUT_MS = 2_000
/** Who leaves one answer opens another within seconds; after that nothing is held. */
const IDLE_MS = 10_000
/** Of one run in one reply: more comes with the next. */
const MOST_ENTRIES = 500
/** How often runs are looked at whose log may be lost, which a blocking read does not tell. */
const LOOK_MS = 2_000
/**
 * Twice what one event costs on its way to a reader's socket (0.04 ms), so that half of the processor is left for everything
 * else that the process does: events are fetched less often the more readers there are, and what came meanwhile is handed
 * to each as one.
 */
const PACE_MS_PER_READER = 0.08
/** With what a writer gathers (40 ms), and the time to hand it out, below the fifth of a second at which text stutters. */
const LONGEST_PACE_MS = 80
/** From here on texts come together; below, each comes by itself. */
const BUSY_PACE_MS = 20
/** After a failure; readers come back as often. */
const RETRY_MS = 500
/** Nobody needs it but the read that it ends. */
const WAKE_KEY_MS = 60_000

interface Watched {
  readonly keys: RunKeys
  /** Id of the last event that was handed out. */
  lastId: number
  readonly queues: Set<ReaderQueue>
}

/** The one connection of a process that waits for events, of all runs that anybody here reads. */
export interface Hub {
  /** Live events of a run go to `queue` from now on: those after the id that is returned, which may be another than `lastId`. */
  join(keys: RunKeys, lastId: number, queue: ReaderQueue): number
  leave(keys: RunKeys, queue: ReaderQueue): void
  close(): void
  /** Runs that are read. */
  readonly size: number
  /** So many readers that each is to be given little at a time: texts in a row are one event then. */
  readonly isBusy: boolean
}

export interface HubOptions {
  readonly idleMs?: number
}

/** Opens nothing yet. When its connection is lost every queue ends: a reader comes back when Redis answers again. */
export const createHub = (link: RedisLink, adapter: RedisAdapter, options: HubOptions = {}): Hub => {
  const { idleMs = IDLE_MS } = options
  const runs = new Map<string, Watched>()
  const closing = new AbortController()
  let redis: Redis | undefined
  let wake: { readonly key: string; sent: number; heard: string } | undefined
  /** True while a read waits in Redis that knows all runs. */
  let isWaiting = false
  let isWorking = false
  let notBefore = 0
  let lookedAt = 0
  let idle: NodeJS.Timeout | undefined
  const readers = new Set<ReaderQueue>()

  const paceMs = (): number => Math.min(readers.size * PACE_MS_PER_READER, LONGEST_PACE_MS)

  const endAll = (): void => {
    for (const { queues } of runs.values()) for (const queue of queues) queue.end()
    runs.clear()
  }

  const disconnect = (): void => {
    if (redis !== undefined) cutConnection(redis)
    redis = undefined
  }

  const connected = async (): Promise<Redis> => {
    if (redis !== undefined) return redis
    const fresh: Redis = await openConnection(
      adapter,
      CONNECT_TIMEOUT_MS,
      () => redis === fresh && disconnect(),
      closing.signal,
    )
    redis = fresh
    wake = { key: wakeKey(randomUUID()), sent: 0, heard: '0-0' }
    return fresh
  }

  /** Ends the read that is waiting, because it does not know of a run. */
  const wakeUp = (): void => {
    if (!isWaiting || wake === undefined) return
    isWaiting = false
    const { key } = wake
    const id = `${++wake.sent}-0`
    const sent = link.run((commands) =>
      Promise.all([commands.xadd(key, 'MAXLEN', 1, id, 'w', ''), commands.pexpire(key, WAKE_KEY_MS)]),
    )
    // The read ends by itself within a second.
    sent.catch(() => undefined)
  }

  const deliver = (key: string, entries: unknown): void => {
    if (key === wake?.key) {
      const [id] = listOf(listOf(entries).at(-1))
      wake.heard = String(id)
      return
    }
    const run = runs.get(key)
    if (run === undefined) return
    const { events, isWhole } = eventsOf(entries)
    const fresh = events.filter(({ event }) => event.id > run.lastId)
    run.lastId = fresh.at(-1)?.event.id ?? run.lastId
    for (const queue of run.queues) if (fresh.length > 0 && !queue.push(fresh)) leave(run.keys, queue)
    if (isWhole) return
    for (const queue of run.queues) queue.end()
    runs.delete(key)
  }

  const readOnce = async (): Promise<void> => {
    const commands = await connected()
    if (wake === undefined) return
    const all = [...runs.values()]
    const keys = [wake.key, ...all.map((run) => run.keys.events)]
    const ids = [wake.heard, ...all.map((run) => `${run.lastId}-0`)]
    isWaiting = true
    const reply = commands.xread('COUNT', MOST_ENTRIES, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids)
    const streams = await withDeadline(reply, SILENT_MS, () => new Error('Redis says nothing to a reader'))
    isWaiting = false
    for (const stream of listOf(streams)) {
      const [key, entries] = listOf(stream)
      deliver(String(key), entries)
    }
  }

  /** Ends the readers of logs that are lost. */
  const look = async (): Promise<void> => {
    const all = [...runs.entries()]
    const lastIds = all.map(([, { lastId }]) => lastId)
    const keys = all.flatMap(([, run]) => [run.keys.events, run.keys.meta])
    const lost = await link.run((commands) => lostScript(commands, keys, lastIds))
    for (const place of listOf(lost)) {
      const [key, run] = all[Number(place) - 1] ?? []
      // What was read meanwhile is there.
      if (key === undefined || run === undefined || run.lastId !== lastIds[Number(place) - 1]) continue
      for (const queue of run.queues) queue.end()
      if (runs.get(key) === run) runs.delete(key)
    }
  }

  const lookNowAndThen = (): void => {
    const now = performance.now()
    if (now - lookedAt < LOOK_MS) return
    lookedAt = now
    // Where Redis is away the reading ends by itself.
    look().catch(() => undefined)
  }

  const work = async (): Promise<void> => {
    if (isWorking) return
    isWorking = true
    clearTimeout(idle)
    try {
      while (runs.size > 0 && !closing.signal.aborted) {
        const startedAt = performance.now()
        await readOnce()
        lookNowAndThen()
        const restMs = paceMs() - (performance.now() - startedAt)
        if (restMs >= 1) await new Promise((resolve) => setTimeout(resolve, restMs))
      }
    } catch {
      notBefore = performance.now() + RETRY_MS
      disconnect()
      endAll()
    }
    isWaiting = false
    isWorking = false
    if (redis !== undefined && !closing.signal.aborted) idle = setTimeout(disconnect, idleMs).unref()
  }

  const leave = (keys: RunKeys, queue: ReaderQueue): void => {
    queue.end()
    readers.delete(queue)
    const run = runs.get(keys.events)
    run?.queues.delete(queue)
    if (run?.queues.size === 0) runs.delete(keys.events)
  }

  return {
    join: (keys, lastId, queue) => {
      if (closing.signal.aborted || performance.now() < notBefore) {
        queue.end()
        return lastId
      }
      const known = runs.get(keys.events)
      const run: Watched = known ?? { keys, lastId, queues: new Set() }
      run.queues.add(queue)
      readers.add(queue)
      if (known === undefined) {
        runs.set(keys.events, run)
        wakeUp()
        void work()
      }
      return run.lastId
    },
    leave,
    close: () => {
      closing.abort()
      clearTimeout(idle)
      endAll()
      disconnect()
    },
    get size() {
      return runs.size
    },
    get isBusy() {
      return paceMs() >= BUSY_PACE_MS
    },
  }
}
