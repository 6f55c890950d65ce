import type { Redis } from 'ioredis'

/** Redis did not answer in time, or has not been answering: told at once then. Whoever asked goes on without it. */
export class RedisUnavailable extends Error {
  constructor(cause?: unknown) {
    super('Redis is not available', { cause })
    this.name = 'RedisUnavailable'
  }
}

/** The breaker: `closed` lets every command through, the others none; `half-open` is looking whether Redis is back. */
export type LinkState = 'closed' | 'open' | 'half-open'

/** One process's way to Redis: commands pipelined over one connection, messages over another. */
export interface RedisLink {
  /**
   * Runs commands under a deadline. Throws RedisUnavailable; an error reply of Redis passes through. The connection is
   * another one after each outage: it is not to be kept.
   */
  run<T>(commands: (redis: Redis) => Promise<T>): Promise<T>
  readonly state: LinkState
  /** Messages of a channel from now on, lost ones excepted: what must not be lost is in Postgres. Returns what ends it. */
  subscribe(channel: string, listener: (message: string) => void): () => void
  /** Runs `listener` each time that the link comes back after it was away: what was missed is read again. */
  onRecovery(listener: () => void): () => void
  close(): Promise<void>
}
