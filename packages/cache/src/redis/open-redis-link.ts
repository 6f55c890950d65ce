import type { Redis } from 'ioredis'
import type { RedisAdapter } from '@quarry/config'
import { createBreaker } from './breaker.ts'
import { cutConnection, gatherWrites, openConnection } from './connection.ts'
import { withDeadline } from './deadline.ts'
import { RedisUnavailable, type LinkState, type RedisLink } from './redis-link.ts'
import { createSubscriber } from './subscriber.ts'

/**
 * An answer takes below a millisecond, and tens of them behind a fork or somebody's slow command. A call of the product
 * may wait twice for a Redis that has just gone silent, and is then still within the 300 ms that an outage may add.
 */
const COMMAND_DEADLINE_MS = 150
/** A TLS handshake with a busy server in another zone takes a tenth of it; nobody waits for it but the next look. */
const CONNECT_TIMEOUT_MS = 2_000

/** Replies of a server that is there and cannot serve: it loads, is a replica now, or runs somebody's endless script. */
const AWAY_REPLIES = ['LOADING', 'MASTERDOWN', 'READONLY', 'BUSY', 'CLUSTERDOWN', 'NOAUTH'] as const

export interface RedisLinkOptions {
  readonly commandDeadlineMs?: number
  readonly connectTimeoutMs?: number
  /** Told when the link is given up, with the reason, and when it is back; not of each look in between. */
  readonly onState?: (state: 'open' | 'closed', cause?: unknown) => void
  /** Told of commands that were sent, by `performance.now()`; not of those that are refused because Redis is away. */
  readonly onRun?: (startedAt: number, endedAt: number, outcome: 'ok' | 'failed') => void
}

/**
 * Opens nothing yet: the first command connects. After five failures in a row, or when the connection ends, the breaker
 * opens: every command is refused at once, the connection is cut (an old one may look ready for minutes behind a black
 * hole), and a new one is tried in the background until it answers a PING; so no caller pays for looking. At most two
 * connections: one for commands, and one for messages once there is a subscription.
 */
export const openRedisLink = (adapter: RedisAdapter, options: RedisLinkOptions = {}): RedisLink => {
  const { commandDeadlineMs = COMMAND_DEADLINE_MS, connectTimeoutMs = CONNECT_TIMEOUT_MS, onState, onRun } = options
  const breaker = createBreaker()
  const recovered = new Set<() => void>()
  let state: LinkState = 'closed'
  let redis: Redis | undefined
  let connecting: Promise<Redis> | undefined
  let attempt: AbortController | undefined
  let whyAway: unknown
  let timer: NodeJS.Timeout | undefined
  let outages = 0
  let closed = false

  const tellRecovered = (): void => {
    for (const listener of [...recovered]) listener()
  }
  const subscriber = createSubscriber(adapter, connectTimeoutMs, tellRecovered)

  const connect = async (): Promise<Redis> => {
    attempt = new AbortController()
    const fresh: Redis = await openConnection(
      adapter,
      connectTimeoutMs,
      (cause) => redis === fresh && open(cause),
      attempt.signal,
    )
    return fresh
  }

  /** The first connection; a later one is made by `probe`. */
  const connected = (): Promise<Redis> =>
    (connecting ??= connect().then(
      (fresh) => {
        redis = fresh
        return fresh
      },
      (cause: unknown) => {
        if (state === 'closed') open(cause)
        throw cause
      },
    ))

  const cut = (): void => {
    attempt?.abort()
    if (redis !== undefined) cutConnection(redis)
    redis = undefined
  }

  const open = (cause: unknown): void => {
    if (closed || state === 'open') return
    const isNews = state === 'closed'
    state = 'open'
    whyAway = cause
    cut()
    if (isNews) {
      outages++
      breaker.opened()
      onState?.('open', cause)
    }
    timer = setTimeout(() => void probe(), breaker.nextProbeMs()).unref()
  }

  const probe = async (): Promise<void> => {
    state = 'half-open'
    let fresh: Redis | undefined
    try {
      fresh = await connect()
      await withDeadline(fresh.ping(), commandDeadlineMs, () => new Error('Redis did not answer in time'))
    } catch (error) {
      if (fresh !== undefined) cutConnection(fresh)
      open(error)
      return
    }
    if (closed) return cutConnection(fresh)
    redis = fresh
    state = 'closed'
    breaker.closed()
    onState?.('closed')
    tellRecovered()
  }

  const failed = (error: unknown, ofOutage: number): RedisUnavailable => {
    // A command of before a cut says nothing about the connection of after it.
    if (ofOutage === outages && breaker.failed()) open(error)
    return new RedisUnavailable(error)
  }

  return {
    async run(commands) {
      if (closed || state !== 'closed') throw new RedisUnavailable(whyAway)
      const before = outages
      const started = performance.now()
      const took = (outcome: 'ok' | 'failed') => onRun?.(started, performance.now(), outcome)
      try {
        if (redis !== undefined) gatherWrites(redis)
        const work = redis === undefined ? connected().then(commands) : commands(redis)
        const answer = await withDeadline(work, commandDeadlineMs, () => new Error('Redis did not answer in time'))
        breaker.succeeded()
        took('ok')
        return answer
      } catch (error) {
        if (error instanceof RedisUnavailable) throw error
        if (isReply(error) && !isAway(error)) {
          breaker.succeeded()
          took('ok')
          throw error
        }
        took('failed')
        throw failed(error, before)
      }
    },
    get state() {
      return state
    },
    subscribe: subscriber.subscribe,
    onRecovery(listener) {
      const entry = () => listener()
      recovered.add(entry)
      return () => void recovered.delete(entry)
    },
    async close() {
      closed = true
      clearTimeout(timer)
      subscriber.close()
      cut()
      await connecting?.catch(() => undefined)
    },
  }
}

const isReply = (error: unknown): error is Error => error instanceof Error && error.name === 'ReplyError'

const isAway = (reply: Error): boolean => AWAY_REPLIES.some((word) => reply.message.startsWith(word))
