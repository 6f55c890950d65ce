import { AppError } from '@quarry/contracts'
import type { DatabaseObserver } from '../database-observer.ts'
import { ConnectPace } from './connect-pace.ts'
import type { Connection } from './connection.ts'

/** A connection that nobody needed for a minute is closed. */
const IDLE_MS = 60_000
const SWEEP_MS = 15_000
/** An idle connection that does not answer in this time is dead: a round trip takes a thousandth of it. */
const PROBE_MS = 1_000
/** What a caller is told to wait: transactions take milliseconds, a restart of the database seconds. */
const RETRY_WHEN_BUSY_SECONDS = 1
const RETRY_WHEN_AWAY_SECONDS = 5

export interface PoolOptions {
  readonly max: number
  readonly acquireTimeoutMs: number
  readonly maxLifetimeMs: number
  readonly open: () => Promise<Connection>
  readonly observer?: Pick<DatabaseObserver, 'waited'>
}

interface Waiter {
  readonly resolve: (connection: Connection) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/**
 * Connections, each lent to one caller at a time. A caller waits a bounded time for one, first come, first served. A lost
 * connection is replaced when it is needed; after an outage the pool recovers by itself.
 */
export class ConnectionPool {
  readonly #options: PoolOptions
  readonly #idle: { connection: Connection; since: number }[] = []
  readonly #lent = new Set<Connection>()
  readonly #waiters: Waiter[] = []
  readonly #pace: ConnectPace
  #answeredAt = Number.NEGATIVE_INFINITY
  #connecting = 0
  #probing = 0
  #lastFailure: unknown
  #retryTimer: NodeJS.Timeout | undefined
  readonly #sweeper: NodeJS.Timeout
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
    this.#pace = new ConnectPace(options.max)
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#sweeper.unref()
  }

  /** Throws AppError('unavailable') when none comes free, or none can be made, in time or in `atMostMs`. */
  acquire(atMostMs = Number.POSITIVE_INFINITY): Promise<Connection> {
    if (this.#closed) return Promise.reject(new AppError('unavailable', { message: 'The database is closed.' }))
    const idle = this.#takeIdle()
    if (idle !== undefined) {
      this.#options.observer?.waited(0, 'served')
      return Promise.resolve(idle)
    }
    const { observer } = this.#options
    const started = performance.now()
    const waited = (outcome: 'served' | 'refused') => observer?.waited((performance.now() - started) / 1000, outcome)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
          waited('refused')
          reject(this.#noneInTime())
        },
        Math.min(this.#options.acquireTimeoutMs, atMostMs),
      )
      const waiter: Waiter = {
        resolve: (connection) => {
          waited('served')
          resolve(connection)
        },
        reject,
        timer,
      }
      this.#waiters.push(waiter)
      this.#fill()
    })
  }

  /**
   * Lends a connection on to who has waited longest, before the last answer to its caller has come: what the next one
   * sends is served after it. False, with nothing done, where nobody waits or the connection is to be replaced.
   */
  handOn(connection: Connection): boolean {
    if (this.#closed || !this.#usable(connection)) return false
    this.#answeredAt = performance.now()
    const waiter = this.#waiters.shift()
    if (waiter === undefined) return false
    clearTimeout(waiter.timer)
    waiter.resolve(connection)
    return true
  }

  release(connection: Connection): void {
    this.#lent.delete(connection)
    if (connection.ended) this.#probeIdle()
    else this.#answeredAt = performance.now()
    if (this.#closed || !this.#usable(connection)) connection.destroy()
    else this.#offer(connection)
    this.#fill()
  }

  /** When the server last did something for somebody, in `performance.now()`. */
  get answeredAt(): number {
    return this.#answeredAt
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
    while (this.#lent.size + this.#connecting + this.#probing > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10))
    for (const connection of this.#lent) connection.destroy()
  }

  #noneInTime(): AppError {
    const away = this.#lastFailure !== undefined
    return new AppError('unavailable', {
      details: { retryAfterSeconds: away ? RETRY_WHEN_AWAY_SECONDS : RETRY_WHEN_BUSY_SECONDS },
      cause: this.#lastFailure ?? new Error('no connection came free'),
    })
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
      this.#lent.size + this.#idle.length + this.#probing + this.#connecting < this.#options.max &&
      (this.#lastFailure === undefined || this.#connecting === 0)
    ) {
      const waitMs = this.#pace.take()
      if (waitMs > 0) {
        this.#fillIn(waitMs)
        return
      }
      void this.#connect()
    }
  }

  #fillIn(ms: number): void {
    this.#retryTimer ??= setTimeout(() => {
      this.#retryTimer = undefined
      this.#fill()
    }, ms)
  }

  async #connect(): Promise<void> {
    this.#connecting++
    try {
      const connection = await this.#options.open()
      this.#connecting--
      this.#lastFailure = undefined
      this.#pace.succeeded()
      if (this.#closed) connection.destroy()
      else this.#offer(connection)
    } catch (error) {
      this.#connecting--
      this.#lastFailure = error
      const waitMs = this.#pace.failed()
      if (!this.#closed) this.#fillIn(waitMs)
      return
    }
    this.#fill()
  }

  /**
   * One connection was lost, so the others may be dead as well, or lead to a server that has become a replica: each idle
   * one has to answer before it is lent again. Else every one of them would cost its next caller a whole deadline.
   */
  #probeIdle(): void {
    for (const { connection } of this.#idle.splice(0)) {
      this.#probing++
      void this.#probe(connection)
    }
  }

  async #probe(connection: Connection): Promise<void> {
    const timer = setTimeout(() => connection.destroy(), PROBE_MS)
    try {
      const [row] = await connection.query(`select current_setting('transaction_read_only')`, [], 'arrays')
      if (!Array.isArray(row) || row[0] !== 'off') connection.destroy()
    } catch {
      connection.destroy()
    } finally {
      clearTimeout(timer)
    }
    this.#probing--
    if (this.#closed || !this.#usable(connection)) connection.destroy()
    else this.#offer(connection)
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
