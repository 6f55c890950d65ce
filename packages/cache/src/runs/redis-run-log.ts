import type { RedisAdapter } from '@quarry/config'
import type { RunEvent } from '@quarry/contracts'
import type { RedisLink } from '../redis/redis-link.ts'
import { followsOn, type RunLog } from '../run-log.ts'
import { createHub, type HubOptions } from './hub.ts'
import { createReaderQueue } from './reader-queue.ts'
import { eventsAfter } from './join-texts.ts'
import { openRedisWriter } from './redis-writer.ts'
import { runKeys, type RunKeys } from './run-keys.ts'
import { readScript } from './run-scripts.ts'
import { eventsOf, type StoredEvent } from './stored-event.ts'

/** Of what was there before a reader came, at once: a reader that takes nothing holds no more than that. */
const PAGE_EVENTS = 200

/** What is refused once is refused for every event of every answer. */
const TELL_EVERY_MS = 10_000

export interface RedisRunLogOptions extends HubOptions {
  /** Told what Redis refuses to append, at most every ten seconds; not that it is away. */
  readonly onError?: (error: unknown) => void
}

/** A reader of one run, and how far it has come. */
interface Reader {
  readonly keys: RunKeys
  readonly signal: AbortSignal
  lastId: number
}

/**
 * The run log that replicas share. Writers append by one script over the link; readers catch up over it as well, and then
 * wait together on one connection of their own. `size` is the number of runs that are read here.
 */
export const createRedisRunLog = (
  link: RedisLink,
  adapter: RedisAdapter,
  options: RedisRunLogOptions = {},
): RunLog & { close(): void; readonly size: number } => {
  const hub = createHub(link, adapter, options)
  let toldAt = Number.NEGATIVE_INFINITY

  const tell = (error: unknown): void => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return
    toldAt = performance.now()
    options.onError?.(error)
  }

  /** A page of what comes after `lastId`; null where the log is lost, unreadable, or cannot be reached. */
  const readPage = async ({ keys, lastId }: Reader): Promise<readonly StoredEvent[] | null> => {
    try {
      const entries = await link.run((redis) => readScript(redis, [keys.events, keys.meta], [lastId, PAGE_EVENTS]))
      if (!Array.isArray(entries)) return null
      const { events, isWhole } = eventsOf(entries)
      return isWhole ? events : null
    } catch {
      return null
    }
  }

  /** What is there already. True: the reader has all of that. */
  async function* catchUp(reader: Reader): AsyncGenerator<RunEvent, boolean> {
    for (;;) {
      const page = await readPage(reader)
      if (page === null || !(yield* handOut(reader, page, hub.isBusy))) return false
      if (page.length < PAGE_EVENTS) return true
    }
  }

  async function* wait(reader: Reader): AsyncGenerator<RunEvent, void> {
    const { keys, signal } = reader
    // It may have gone on the way here, which nobody tells any more.
    if (signal.aborted) return
    const queue = createReaderQueue()
    const leave = () => hub.leave(keys, queue)
    signal.addEventListener('abort', leave, { once: true })
    try {
      // What others here have been handed already does not come again.
      if (hub.join(keys, reader.lastId, queue) > reader.lastId && !(yield* catchUp(reader))) return
      for (;;) {
        const events = await queue.take()
        if (events === null || !(yield* handOut(reader, events, hub.isBusy))) return
      }
    } finally {
      signal.removeEventListener('abort', leave)
      leave()
    }
  }

  return {
    open: (ref, attempt, knownId = 0) => openRedisWriter(link, ref, attempt, knownId, tell),
    async *tail(ref, afterId, signal) {
      const reader: Reader = { keys: runKeys(ref), signal, lastId: afterId }
      if (yield* catchUp(reader)) yield* wait(reader)
    },
    close: () => hub.close(),
    get size() {
      return hub.size
    },
  }
}

/** Those of `events` that are new to the reader. False: it has come to the end, to a gap, or is gone. */
async function* handOut(
  reader: Reader,
  events: readonly StoredEvent[],
  joins: boolean,
): AsyncGenerator<RunEvent, boolean> {
  for (const { first, event } of eventsAfter(reader.lastId, events, joins)) {
    if (reader.signal.aborted || !followsOn(reader.lastId, first)) return false
    reader.lastId = event.id
    yield event
    if (event.type === 'end') return false
  }
  return !reader.signal.aborted
}
