/**
 * Hands the one session of the embedded database to one connection at a time, first come, first served. A holder keeps
 * it until its exchange, or its transaction, is over.
 */
export class SessionQueue<Holder extends object> {
  #holder: Holder | null = null
  readonly #waiting: { holder: Holder; start: (granted: boolean) => void }[] = []

  /** Resolves to true when `holder` has the session, to false when `leave` was called first. */
  take(holder: Holder): Promise<boolean> {
    if (this.#holder === holder) return Promise.resolve(true)
    if (this.#holder === null) {
      this.#holder = holder
      return Promise.resolve(true)
    }
    return new Promise((start) => this.#waiting.push({ holder, start }))
  }

  /** Somebody has the session, or waits for it. */
  get isBusy(): boolean {
    return this.#holder !== null
  }

  holds(holder: Holder): boolean {
    return this.#holder === holder
  }

  release(holder: Holder): void {
    if (this.#holder !== holder) return
    const next = this.#waiting.shift()
    this.#holder = next?.holder ?? null
    next?.start(true)
  }

  /** Takes `holder` out of the queue; does not release what it holds. */
  leave(holder: Holder): void {
    const at = this.#waiting.findIndex((waiting) => waiting.holder === holder)
    if (at >= 0) this.#waiting.splice(at, 1)[0]?.start(false)
  }
}
