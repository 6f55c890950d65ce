import type { Redis } from 'ioredis'
import type { RedisAdapter } from '@quarry/config'
import { createBreaker } from './breaker.ts'
import { cutConnection, openConnection } from './connection.ts'
import { withDeadline } from './deadline.ts'

/** A subscriber says nothing by itself: only asking shows that the other side is still there. */
const HEARTBEAT_MS = 5_000

type Listener = (message: string) => void

/**
 * The connection that messages come over; made with the first subscription. It comes back by itself and subscribes
 * again, and then calls `onBack`: what was said meanwhile is lost.
 */
export const createSubscriber = (adapter: RedisAdapter, timeoutMs: number, onBack: () => void) => {
  const listeners = new Map<string, Set<Listener>>()
  const pace = createBreaker()
  const closing = new AbortController()
  let redis: Redis | undefined
  let timer: NodeJS.Timeout | undefined
  let started = false
  let wasAway = false
  /** Connected and subscribed. */
  let isThere = false

  const later = (work: () => Promise<void>, ms: number): void => {
    clearTimeout(timer)
    if (!closing.signal.aborted) timer = setTimeout(() => void work(), ms).unref()
  }

  const lost = (): void => {
    if (redis !== undefined) cutConnection(redis)
    redis = undefined
    wasAway = true
    // Once for each outage: told of every look that fails, it would begin anew with each.
    if (isThere) pace.opened()
    isThere = false
    later(connect, pace.nextProbeMs())
  }

  const ask = (command: Promise<unknown>) =>
    withDeadline(command, timeoutMs, () => new Error('Redis says nothing to a subscriber'))

  const beat = async (): Promise<void> => {
    try {
      await ask(redis?.ping() ?? Promise.resolve())
      later(beat, HEARTBEAT_MS)
    } catch {
      lost()
    }
  }

  const connect = async (): Promise<void> => {
    try {
      const fresh: Redis = await openConnection(adapter, timeoutMs, () => redis === fresh && lost(), closing.signal)
      fresh.on('message', (channel: string, message: string) => {
        for (const listener of listeners.get(channel) ?? []) listener(message)
      })
      redis = fresh
      if (listeners.size > 0) await ask(fresh.subscribe(...listeners.keys()))
    } catch {
      return lost()
    }
    isThere = true
    pace.closed()
    later(beat, HEARTBEAT_MS)
    if (wasAway) onBack()
  }

  return {
    subscribe: (channel: string, listener: Listener): (() => void) => {
      const own = listeners.get(channel) ?? new Set()
      // A listener of its own, so that subscribing one function twice and leaving once leaves one.
      const entry: Listener = (message) => listener(message)
      own.add(entry)
      listeners.set(channel, own)
      // Where this fails the connection ends, or its heartbeat does, and the next one subscribes to everything.
      if (!started) void connect()
      else if (own.size === 1) void redis?.subscribe(channel).catch(() => undefined)
      started = true
      return () => {
        own.delete(entry)
        if (own.size > 0 || listeners.get(channel) !== own) return
        listeners.delete(channel)
        void redis?.unsubscribe(channel).catch(() => undefined)
      }
    },
    close: (): void => {
      closing.abort()
      clearTimeout(timer)
      if (redis !== undefined) cutConnection(redis)
      redis = undefined
    },
  }
}
