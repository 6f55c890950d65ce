import { Worker } from 'node:worker_threads'
import { AppError } from '@quarry/contracts'
import type { FromThread, ToThread } from './thread-messages.ts'

/** It takes 150 MB more than nothing, and a quarter of a second to start again: worth keeping through a coffee break. */
const IDLE_MS = 15 * 60_000

/** The bundler of the web application finds the file by this very form. */
const startThread = () => new Worker(new URL('./thread.ts', import.meta.url))

interface Request {
  readonly id: number
  readonly texts: readonly string[]
  readonly resolve: (vectors: readonly (readonly number[])[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * The built-in model in a thread of its own. Starts with the first text, ends when nobody has asked for a while or when
 * it is closed, and after a crash starts again with the next text. It never keeps the process alive.
 */
export class EmbeddingThread {
  readonly #start: () => Worker
  #worker: Worker | null = null
  #idle: NodeJS.Timeout | undefined
  #waiting: Request[] = []
  #current: Request | null = null
  #lastId = 0

  constructor(start: () => Worker = startThread) {
    this.#start = start
  }

  /** What waits longer than its signal allows is never computed. @throws AppError `model_unavailable` after a crash. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly number[])[]> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal))
        return
      }
      const request: Request = {
        id: ++this.#lastId,
        texts,
        resolve: (vectors) => {
          signal.removeEventListener('abort', abort)
          resolve(vectors)
        },
        reject: (error) => {
          signal.removeEventListener('abort', abort)
          reject(error instanceof Error ? error : new Error('unknown'))
        },
      }
      const abort = () => {
        this.#waiting = this.#waiting.filter((other) => other !== request)
        reject(reasonOf(signal))
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(request)
      this.#next()
    })
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = null
    this.#fail(new AppError('unavailable', { message: 'The embedding model is being stopped.' }))
    await worker?.terminate()
  }

  #next(): void {
    if (this.#current !== null) return
    const request = this.#waiting.shift()
    if (request === undefined) {
      this.#rest()
      return
    }
    clearTimeout(this.#idle)
    this.#current = request
    const message: ToThread = { id: request.id, texts: request.texts }
    this.#started().postMessage(message)
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker
    const worker = this.#start()
    this.#worker = worker
    worker.unref()
    worker.on('message', (message: FromThread) => this.#answered(message))
    // A thread that fails also exits; the first of the two counts.
    const crashed = (cause: unknown) => {
      if (this.#worker !== worker) return
      this.#worker = null
      this.#fail(new AppError('model_unavailable', { message: 'The built-in embedding model stopped.', cause }))
    }
    worker.on('error', crashed)
    worker.on('exit', (code) => crashed(new Error(`the thread ended with code ${code}`)))
    return worker
  }

  #answered(message: FromThread): void {
    const request = this.#current
    if (request === null || request.id !== message.id) return
    this.#current = null
    if ('vectors' in message) request.resolve(message.vectors)
    else
      request.reject(
        new AppError('model_unavailable', {
          message: 'The built-in embedding model failed.',
          cause: new Error(message.error),
        }),
      )
    this.#next()
  }

  #fail(error: AppError): void {
    const requests = this.#current === null ? this.#waiting : [this.#current, ...this.#waiting]
    this.#current = null
    this.#waiting = []
    for (const request of requests) request.reject(error)
  }

  #rest(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => void this.close(), IDLE_MS)
    this.#idle.unref()
  }
}

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new AppError('unavailable', { message: 'Given up.' })
