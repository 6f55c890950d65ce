/** Once the pool has been filled, connections are made this often: a server that accepts them and cuts them at once is not stormed. */
const PER_SECOND = 5
/** While the server refuses: one attempt at a time, so far apart, doubling. A restart of the embedded one takes 0.5 s. */
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 1_000

/** When a connection may be made: a token bucket that holds one pool, and a pause after each failure. */
export class ConnectPace {
  readonly #burst: number
  #tokens: number
  #countedAt = performance.now()
  #failures = 0

  constructor(burst: number) {
    this.#burst = burst
    this.#tokens = burst
  }

  /** Takes leave to connect now and returns 0, or returns the milliseconds until there is some. */
  take(): number {
    const now = performance.now()
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#countedAt) / 1000) * PER_SECOND)
    this.#countedAt = now
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / PER_SECOND) * 1000)
    this.#tokens--
    return 0
  }

  succeeded(): void {
    this.#failures = 0
  }

  /** Returns how long to wait now: with jitter, so that replicas do not come back all at once. */
  failed(): number {
    this.#failures++
    const delay = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS)
    return delay * (0.5 + Math.random() / 2)
  }
}
