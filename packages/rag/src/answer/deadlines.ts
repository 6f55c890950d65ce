import type { RunFailure } from '@quarry/contracts'
import { runFailure } from './failures.ts'

/** The reader's stop, the run's time budget and the model's silence as one signal, which knows afterwards which it was. */
export class Deadlines implements Disposable {
  readonly #total = new AbortController()
  readonly #idle = new AbortController()
  readonly #idleMs: number
  readonly #totalTimer: NodeJS.Timeout
  #idleTimer: NodeJS.Timeout
  readonly signal: AbortSignal

  constructor(stop: AbortSignal, totalMs: number, idleMs: number) {
    this.#idleMs = idleMs
    this.signal = AbortSignal.any([stop, this.#total.signal, this.#idle.signal])
    this.#totalTimer = setTimeout(() => this.#total.abort(), totalMs)
    this.#idleTimer = setTimeout(() => this.#idle.abort(), idleMs)
  }

  /** The model, or a tool, has given a sign of life. */
  heard(): void {
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => this.#idle.abort(), this.#idleMs)
  }

  /** Nothing is expected of the model until `heard`. */
  pause(): void {
    clearTimeout(this.#idleTimer)
  }

  failure(): RunFailure | null {
    if (this.#total.signal.aborted) return runFailure('time_budget')
    return this.#idle.signal.aborted ? runFailure('model_idle') : null
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#totalTimer)
    clearTimeout(this.#idleTimer)
    // Whatever left the run early (a lost lease) must not leave the model generating.
    this.#total.abort()
  }
}
