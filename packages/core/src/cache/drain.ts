import type { CachedReads, RedisLink } from '@quarry/cache'
import { deleteOutbox, readNewestOutbox, readOutbox, type Database, type OutboxRow } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import { repeat } from '../repeat.ts'

/** Two looks fall into the second after which every process has to know; the rest is for a busy machine. */
const PAUSE_MS = 350
/** Every process looks in this time, so that each has seen a row itself before anybody deletes it. */
const SEEN_BY_ALL_MS = 2_000
/** A write waits no longer for others to be told: they find out by themselves within a second. */
const MOST_WAIT_MS = 250
const ROWS_PER_READ = 1_000
/** What this process has just written is among them, whatever others write. */
const NEWEST_ROWS = 200

export interface Drain {
  /**
   * To be called after every write of this process, failed ones too, with who may be concerned: what is read from now
   * on, here or, as long as Redis answers, anywhere, is no older than the write. Never throws.
   */
  readonly wrote: (subjectIds: readonly string[]) => Promise<void>
  /** Tells Redis and the other processes again and again, also what a process that is gone has left. */
  readonly start: () => void
  readonly stop: () => Promise<void>
}

export interface DrainEnv {
  readonly database: Pick<Database, 'system'>
  readonly cache: Pick<CachedReads, 'touched' | 'drain'>
  /** null: there is no other process to tell. */
  readonly redis: Pick<RedisLink, 'state'> | null
  readonly logger: Logger
}

/** Hands what the outbox says on to the cache: at least once, and by several processes at the same time. */
export const createDrain = ({ database, cache, redis, logger }: DrainEnv): Drain => {
  /** Rows that this process has handed on and that are still there. */
  let told: ReadonlySet<number> = new Set()
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  let stopRepeating = (): Promise<void> => Promise.resolve()
  let isFailing = false

  const tellRedis = async (): Promise<void> => {
    let rows: readonly OutboxRow[] = []
    await cache.drain(async () => {
      rows = await readAll(database)
      return rows.filter(({ id }) => !told.has(id))
    })
    const over = new Set(rows.filter(({ ageMs }) => ageMs > SEEN_BY_ALL_MS).map(({ id }) => id))
    if (over.size > 0) await database.system((tx) => deleteOutbox(tx, [...over]))
    told = new Set(rows.map(({ id }) => id).filter((id) => !over.has(id)))
  }

  const tellThisProcess = async (): Promise<void> => {
    const rows = await database.system((tx) => readNewestOutbox(tx, NEWEST_ROWS))
    cache.touched(rows.filter(({ ageMs }) => ageMs < SEEN_BY_ALL_MS).map(({ subjectId }) => subjectId))
  }

  /** A round that begins from now on: one that runs already may have looked too early. */
  const afresh = (): Promise<void> => {
    const begin = async () => {
      await running?.catch(() => undefined)
      next = undefined
      running = redis?.state === 'closed' ? tellRedis() : tellThisProcess()
      try {
        await running
      } finally {
        running = undefined
      }
    }
    return (next ??= begin())
  }

  const round = async (): Promise<void> => {
    try {
      await afresh()
      isFailing = false
    } catch (err) {
      if (!isFailing) logger.warn({ err }, 'what has changed could not be told to the cache; it is tried again')
      isFailing = true
    }
  }

  return {
    wrote: async (subjectIds) => {
      cache.touched(subjectIds)
      await within(MOST_WAIT_MS, round())
    },
    start: () => {
      if (redis === null) return
      stopRepeating = repeat('the drain of the outbox', PAUSE_MS, logger, async () => {
        // While Redis is away the rows wait for it: nobody believes what it says before they have been told.
        if (redis.state === 'closed') await round()
      })
    },
    stop: async () => {
      await stopRepeating()
      await (next ?? running)?.catch(() => undefined)
    },
  }
}

const readAll = (database: DrainEnv['database']): Promise<OutboxRow[]> =>
  database.system(async (tx) => {
    const all: OutboxRow[] = []
    for (let afterId = 0; ;) {
      const rows = await readOutbox(tx, ROWS_PER_READ, afterId)
      all.push(...rows)
      if (rows.length < ROWS_PER_READ) return all
      afterId = rows.at(-1)?.id ?? 0
    }
  })

const within = async (ms: number, work: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work, over])
  clearTimeout(timer)
}
