import { AppError } from '@quarry/contracts'
import type { Connection } from './connection.ts'

/** A connection that nobody needed for a minute is closed. */
const IDLE_MS = 60_000
const SWEEP_MS = 15_000
/** While the server refuses: one attempt at a time, so far apart, doubling. A restart of the embedded one takes 0.5 s. */
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 1_000

export interface PoolOptions {
  readonly max: number
  readonly acquireTimeoutMs: number
  readonly maxLifetimeMs: number
  readonly open: () => Promise<Connection>
}

interface Waiter {
  readonly resolve: (connection: Connection) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Connections, each lent to one caller at a time. A caller waits a bounded time for one. A lost connection is replaced
 * when it is needed; after an outage the pool recovers by itself.
 */
export class ConnectionPool {
  readonly #options: PoolOptions
  readonly #idle: { connection: Connection; since: number }[] = []
  readonly #lent = new Set<Connection>()
  readonly #waiters: Waiter[] = []
  #connecting = 0
  #failures = 0
  #lastFailure: unknown
  #retryTimer: NodeJS.Timeout | undefined
  readonly #sweeper: NodeJS.Timeout
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  /** Throws AppError('unavailable') when none comes free, or none can be made, in time. */
  acquire(): Promise<Connection> {
    if (this.#closed) return Promise.reject(new AppError('unavailable', { message: 'The database is closed.' }))
    const idle = this.#takeIdle()
    if (idle !== undefined) return Promise.resolve(idle)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        reject(new AppError('unavailable', { cause: this.#lastFailure ?? new Error('no connection came free') }))
      }, this.#options.acquireTimeoutMs)
      const waiter: Waiter = { resolve, reject, timer }
      this.#waiters.push(waiter)
      this.#fill()
    })
  }

  release(connection: Connection): void {
    this.#lent.delete(connection)
    if (this.#closed || !this.#usable(connection)) connection.destroy()
    else this.#offer(connection)
    this.#fill()
  }

  get stats(): { lent: number; idle: number; waiting: number } {
    return { lent: this.#lent.size, idle: this.#idle.length, waiting: this.#waiters.length }
  }

  /** Refuses new callers, waits for the lent connections (at most `graceMs`), then cuts. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeper)
    clearTimeout(this.#retryTimer)
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer)
      waiter.reject(new AppError('unavailable', { message: 'The database is closed.' }))
    }
    for (const { connection } of this.#idle.splice(0)) connection.destroy()
    const until = performance.now() + graceMs
    while (this.#lent.size + this.#connecting > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10))
    for (const connection of this.#lent) connection.destroy()
  }

  #usable(connection: Connection): boolean {
    return !connection.ended && performance.now() - connection.openedAt < this.#options.maxLifetimeMs
  }

  #takeIdle(): Connection | undefined {
    for (let entry = this.#idle.pop(); entry !== undefined; entry = this.#idle.pop()) {
      if (!this.#usable(entry.connection)) {
        entry.connection.destroy()
        continue
      }
      this.#lent.add(entry.connection)
      return entry.connection
    }
    return undefined
  }

  /** To who waits longest, or back to the idle ones. */
  #offer(connection: Connection): void {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) {
      this.#idle.push({ connection, since: performance.now() })
      return
    }
    clearTimeout(waiter.timer)
    this.#lent.add(connection)
    waiter.resolve(connection)
  }

  /** Opens as many connections as are waited for and allowed. */
  #fill(): void {
    while (
      !this.#closed &&
      this.#retryTimer === undefined &&
      this.#waiters.length > this.#connecting &&
      this.#lent.size + this.#idle.length + this.#connecting < this.#options.max &&
      (this.#failures === 0 || this.#connecting === 0)
    )
      void this.#connect()
  }

  async #connect(): Promise<void> {
    this.#connecting++
    try {
      const connection = await this.#options.open()
      this.#connecting--
      this.#failures = 0
      this.#lastFailure = undefined
      if (this.#closed) connection.destroy()
      else this.#offer(connection)
    } catch (error) {
      this.#connecting--
      this.#failures++
      this.#lastFailure = error
      const delay = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS)
      this.#retryTimer ??= setTimeout(() => {
        this.#retryTimer = undefined
        this.#fill()
      }, delay)
      return
    }
    this.#fill()
  }

  #sweep(): void {
    const now = performance.now()
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      const entry = this.#idle[i]
      if (entry === undefined || (now - entry.since < IDLE_MS && this.#usable(entry.connection))) continue
      this.#idle.splice(i, 1)
      entry.connection.destroy()
    }
  }
}
