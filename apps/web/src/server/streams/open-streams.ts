import type { Limits } from '@quarry/config'
import { AppError, type Actor } from '@quarry/contracts'

/** Pages come and go: one of them has probably ended by then. */
const FREE_AFTER_SECONDS = 10
/** By then the balancer has found another server, or this one is back. */
const ELSEWHERE_AFTER_SECONDS = 1

/** How many live streams this process serves, and to whom. */
export interface OpenStreams {
  /**
   * Takes a place for one stream; the returned function gives it back, once, however often it is called. Throws
   * AppError('rate_limited') where the actor, the organisation or the process has none left.
   */
  enter(actor: Pick<Actor, 'orgId' | 'id'>): () => void
  readonly size: number
  /** From now on nobody is let in: `enter` throws AppError('unavailable'). Who is in stays. */
  stop(): void
}

interface Bound {
  readonly key: string
  readonly most: number
  readonly limit: string
  readonly message: string
  readonly action: string
}

export const createOpenStreams = (limits: Limits['stream']): OpenStreams => {
  const counts = new Map<string, number>()
  let stopped = false
  const countOf = (key: string) => counts.get(key) ?? 0
  const add = (key: string, by: number) => {
    const count = countOf(key) + by
    if (count === 0) counts.delete(key)
    else counts.set(key, count)
  }
  return {
    enter({ orgId, id }) {
      if (stopped) throw new AppError('unavailable', { details: { retryAfterSeconds: ELSEWHERE_AFTER_SECONDS } })
      const bounds: Bound[] = [
        {
          key: `${orgId} ${id ?? ''}`,
          most: limits.maxPerUser,
          limit: 'streams-per-user',
          message: 'Too many windows of yours are following what happens.',
          action: 'Close some of them.',
        },
        {
          key: orgId,
          most: limits.maxPerOrganisation,
          limit: 'streams-per-organisation',
          message: 'Too many windows of your workspace are following what happens.',
          action: 'Close some of them.',
        },
        {
          key: '',
          most: limits.maxPerProcess,
          limit: 'streams-per-process',
          message: 'Too many people are following what happens.',
          action: 'It goes on when one of them leaves.',
        },
      ]
      const full = bounds.find(({ key, most }) => countOf(key) >= most)
      if (full !== undefined) {
        const { message, action, limit } = full
        throw new AppError('rate_limited', {
          message,
          action,
          details: { limit, retryAfterSeconds: FREE_AFTER_SECONDS },
        })
      }
      for (const { key } of bounds) add(key, 1)
      let isIn = true
      return () => {
        if (!isIn) return
        isIn = false
        for (const { key } of bounds) add(key, -1)
      }
    },
    stop() {
      stopped = true
    },
    get size() {
      return countOf('')
    },
  }
}

declare global {
  // Next loads modules twice, and both must count the same streams.
  var quarryStreams: OpenStreams | undefined
}

/** Of this process. */
export const openStreams = (limits: Limits['stream']): OpenStreams =>
  (globalThis.quarryStreams ??= createOpenStreams(limits))
