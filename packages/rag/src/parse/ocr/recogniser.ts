import { Worker } from 'node:worker_threads'
import type { Recognising } from '../parsed-page.ts'
import type { Source } from '../source.ts'
import type { Answer, LanguageData, Look, Question, SeenPage, ThreadData } from './recognition.ts'

/** How text is recognised, as the parser's child process is told with each file. */
export interface OcrSettings {
  readonly languages: readonly LanguageData[]
  /** For one page or image. */
  readonly pageMs: number
  /** Pages of one file that are recognised. */
  readonly maxPages: number
  /** Resident memory above which a page is given up; below the cap at which the process is killed. */
  readonly memoryMb: number
}

/** Why a page could not be recognised; `limit` when the file had its share already, and it was not tried. */
export type Trouble = 'too_slow' | 'too_much_memory' | 'crashed' | 'limit'

export type Recognised =
  | { readonly outcome: 'seen'; readonly page: SeenPage }
  | { readonly outcome: 'failed'; readonly why: Trouble }

/** Told before a page is looked at for its text; resolves when the reader may go on. */
export type Announce = (at: Recognising) => Promise<void>

/**
 * Half of a job's time (30 minutes), whatever OCR_MAX_PAGES and OCR_TIMEOUT_SECONDS add up to: 200 pages of a scan take
 * 5 to 8 minutes on one core.
 */
export const MOST_RECOGNISING_MS = 15 * 60_000
/** A look at what a page consists of draws nothing: the slowest of 2,400 pages took 0.1 s. */
const LOOK_MS = 5_000
const WATCH_MS = 50
/** Of the process with the engine and its data, before it has seen a picture. */
const NEEDED_MB = 140

/**
 * The text recognition of one file. A page has `pageMs`; pages in which nothing is found have `pageMs` together, plus
 * what the others took: a file made to waste time ends soon, and a long scan with empty pages between does not.
 */
export class Recogniser {
  readonly #settings: OcrSettings | null
  readonly #announce: Announce
  #thread: { readonly worker: Worker; readonly source: Source } | null = null
  #pages = 0
  #spentMs = 0
  #fruitlessMs = 0

  /** Without settings it recognises nothing. */
  constructor(settings: OcrSettings | null, announce: Announce) {
    this.#settings = settings
    this.#announce = announce
  }

  get on(): boolean {
    return this.#settings !== null
  }

  /** Whether a picture that takes so many bytes may be tried. */
  fits(bytes: number): boolean {
    return this.#settings === null || bytes <= (this.#settings.memoryMb - NEEDED_MB) * 1024 * 1024
  }

  /** What is on a PDF's page, without reading it; null when that cannot be told. */
  async look(source: Source, page: number): Promise<Look | null> {
    const answer = await this.#ask(source, { type: 'look', page }, LOOK_MS)
    return typeof answer === 'object' && answer.type === 'look' ? answer.look : null
  }

  async recognise(
    source: Source,
    question: Exclude<Question, { readonly type: 'look' }>,
    at: Recognising,
  ): Promise<Recognised> {
    if (this.#settings === null) return { outcome: 'failed', why: 'limit' }
    const { pageMs, maxPages } = this.#settings
    const fruitful = this.#spentMs - this.#fruitlessMs
    if (this.#pages >= maxPages || this.#spentMs >= MOST_RECOGNISING_MS) return { outcome: 'failed', why: 'limit' }
    const left = pageMs + fruitful - this.#fruitlessMs
    if (left <= 0) return { outcome: 'failed', why: 'too_slow' }
    await this.#announce(at)
    this.#pages++
    const began = performance.now()
    const answer = await this.#ask(source, question, Math.min(pageMs, left))
    const took = performance.now() - began
    this.#spentMs += took
    const page = typeof answer === 'object' && answer.type === 'seen' ? answer.page : null
    if (page === null || page.lines.length === 0) this.#fruitlessMs += took
    if (page !== null) return { outcome: 'seen', page }
    return { outcome: 'failed', why: typeof answer === 'string' ? answer : 'crashed' }
  }

  /** Ends the thread; may be called at any time, and more than once. */
  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    await thread?.worker.terminate()
  }

  async #ask(source: Source, question: Question, ms: number): Promise<Answer | Trouble> {
    if (this.#settings === null) return 'limit'
    const most = this.#settings.memoryMb * 1024 * 1024
    const { worker } = await this.#threadFor(source, this.#settings.languages)
    const answer = await new Promise<Answer | Trouble>((resolve) => {
      const done = (result: Answer | Trouble) => {
        clearTimeout(timer)
        clearInterval(watch)
        worker.off('message', done).off('error', crashed).off('exit', crashed)
        resolve(result)
      }
      const timer = setTimeout(() => done('too_slow'), ms)
      const watch = setInterval(() => {
        if (process.memoryUsage.rss() > most) done('too_much_memory')
      }, WATCH_MS)
      const crashed = () => done('crashed')
      worker.on('message', done).on('error', crashed).on('exit', crashed)
      worker.postMessage(question)
    })
    // Whatever state it is in, it is not asked again.
    if (typeof answer === 'string' || answer.type === 'error') await this.close()
    return answer
  }

  async #threadFor(source: Source, languages: readonly LanguageData[]) {
    if (this.#thread?.source === source) return this.#thread
    await this.close()
    const workerData: ThreadData = { source, languages }
    const worker = new Worker(new URL('./recogniser-thread.ts', import.meta.url), { workerData, env: {}, stdout: true })
    // One that fails while it is being ended must not take the process along.
    worker.on('error', () => undefined)
    return (this.#thread = { worker, source })
  }
}
