import { fork, type ChildProcess } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { FailureCode } from '@quarry/contracts'
import { MOST_RECOGNISING_MS, type OcrSettings } from './ocr/recogniser.ts'
import { ParseFailure, type ReadableFile, type ReadStep, type Recognising } from './parsed-page.ts'
import type { FromChild, ToChild } from './protocol.ts'
import { residentBytes } from './resident-memory.ts'

export interface ParserLimits {
  /** Cap on the child's resident memory. Buffers live outside V8's heap, so no option of Node holds it. */
  readonly memoryMb: number
  /** Cap on the time that the child works on one file; waiting for the reader of its pages does not count. */
  readonly timeoutMs: number
  /** Without it there is no text recognition. Its time is counted apart: a scan takes seconds a page, and shows that it gets on. */
  readonly ocr?: Omit<OcrSettings, 'memoryMb'> | null
}

/** What comes of reading: a page, or word that one is being recognised, which takes seconds. */
export type PoolStep = ReadStep | { readonly recognising: Recognising }

/** Short enough that a child which allocates a gigabyte a second grows by 10 MiB between two looks; a look takes 0.05 ms. */
const WATCH_MS = process.platform === 'linux' ? 10 : 250
/** The child is stopped when it is so close to the cap, so that what it takes until it is gone stays below. */
const STOP_SHARE = 0.96
/** What the child says last is kept for the log, no more: it may be the text of a hostile file. */
const STDERR_KEPT = 4096
/** Starting takes 0.3 s, ten times that on a busy machine. */
const WARM_MS = 30_000
/** The child gives a page up by itself; it is killed when it does not. Starting the engine takes 0.3 s, 3 s on a busy machine. */
const RECOGNISING_GRACE_MS = 5_000
/** The child gives a page up when it is so close to the cap, and the rest of the file can be read. */
const RECOGNISING_SHARE = 0.9

/** One child process. Once `alive` is false it takes no more files. */
export class ParserProcess {
  readonly #child: ChildProcess
  readonly #limits: ParserLimits
  #stderr = ''
  #killedFor: FailureCode | null = null
  #exited: boolean
  files = 0
  inBackground = false
  /** Kinds of files that it has read, and has the readers of in memory. */
  readonly kinds = new Set<ReadableFile['mediaType']>()

  constructor(module: URL, limits: ParserLimits, cwd: string) {
    this.#limits = limits
    this.#child = fork(module, [], {
      cwd,
      env: {},
      // V8's own heap stays under the cap with room for buffers, so that a big file ends as a failure, not as a kill.
      execArgv: [
        `--max-old-space-size=${Math.max(64, Math.floor(limits.memoryMb * 0.75))}`,
        '--permission',
        '--allow-fs-read=*',
        // For the one of end-with-parent.ts; threads have no more rights than the process.
        '--allow-worker',
        '--disable-warning=SecurityWarning',
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => (this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT)))
    this.#child.once('exit', () => (this.#exited = true))
    // One that cannot be written to: its exit tells the rest.
    this.#child.on('error', () => this.kill())
    // One that could not be started never exits.
    this.#exited = this.#child.pid === undefined
    this.#child.unref()
    this.#child.channel?.unref()
  }

  get alive(): boolean {
    return !this.#exited && !this.#child.killed && this.#child.connected
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** From now on it works when nobody else wants the processor; its memory and time have the same bounds. */
  standBack(): void {
    if (this.#child.pid === undefined || this.inBackground) return
    this.inBackground = true
    try {
      setPriority(this.#child.pid, constants.priority.PRIORITY_LOW)
    } catch {
      // Gone already, which its reader is told; or a system that knows no such thing, where files wait a little longer.
    }
  }

  /** Resolves when it has loaded what reads such files, or cannot: then it is dead. */
  async warm(kinds: ReadonlySet<ReadableFile['mediaType']>): Promise<void> {
    await this.#ask({ type: 'warm', mediaTypes: [...kinds] }, WARM_MS)
    for (const kind of kinds) this.kinds.add(kind)
  }

  kill(): void {
    // One that could not be started has no id of its own: Node would signal whatever number stands in its handle, be it a
    // stranger's, or 0, which is our own process group.
    if (this.#child.pid !== undefined) this.#child.kill('SIGKILL')
  }

  /** Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#exited) return
    const gone = new Promise<void>((resolve) => this.#child.once('exit', () => resolve()))
    this.#child.ref()
    this.kill()
    await gone
  }

  async rss(): Promise<number> {
    return this.#child.pid === undefined ? 0 : ((await residentBytes(this.#child.pid)) ?? 0)
  }

  /** @throws ParseFailure; the signal's reason when it aborts. Either way, and when the reader stops early, the child may be dead. */
  async *read(file: ReadableFile, signal: AbortSignal): AsyncGenerator<PoolStep> {
    this.files++
    this.kinds.add(file.mediaType)
    let finished = false
    const { ocr = null, memoryMb } = this.#limits
    let left = this.#limits.timeoutMs
    let recognisingLeft = ocr === null ? 0 : MOST_RECOGNISING_MS + ocr.pageMs
    let recognising = false
    let recognised = 0
    const watch = this.#watch()
    const abort = () => this.kill()
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      const settings = ocr === null ? null : { ...ocr, memoryMb: memoryMb * RECOGNISING_SHARE }
      let message: ToChild = { type: 'read', file, ocr: settings }
      for (;;) {
        const asked = performance.now()
        const page = Math.min(recognisingLeft, (ocr?.pageMs ?? 0) + RECOGNISING_GRACE_MS)
        const reply = await this.#ask(message, recognising ? page : left)
        signal.throwIfAborted()
        if (recognising) recognisingLeft -= performance.now() - asked
        else left -= performance.now() - asked
        if (reply === null || reply.type === 'warm') throw this.#death()
        if (reply.type === 'failure') {
          finished = reply.code !== 'crashed'
          throw new ParseFailure(reply.code, { cause: new Error(reply.detail) })
        }
        if (reply.type === 'end') {
          finished = true
          return
        }
        recognising = reply.type === 'recognising'
        // The child keeps to this by itself, unless a file has taken it over.
        if (recognising && ++recognised > (ocr?.maxPages ?? 0)) throw new ParseFailure('too_slow')
        yield reply.type === 'recognising'
          ? { recognising: { ordinal: reply.ordinal, pageCount: reply.pageCount } }
          : reply.step
        message = { type: 'next' }
      }
    } finally {
      clearInterval(watch)
      signal.removeEventListener('abort', abort)
      if (!finished) this.kill()
    }
  }

  /** Kills the child as soon as it is seen close to the cap. */
  #watch(): NodeJS.Timeout {
    const most = this.#limits.memoryMb * 1024 * 1024 * STOP_SHARE
    let looking = false
    const look = async () => {
      looking = true
      if ((await this.rss()) > most) this.#killFor('too_much_memory')
      looking = false
    }
    return setInterval(() => {
      if (!looking) void look()
    }, WATCH_MS)
  }

  #killFor(code: FailureCode): void {
    this.#killedFor ??= code
    this.kill()
  }

  /** Null when the child died instead of answering. */
  #ask(message: ToChild, timeoutMs: number): Promise<FromChild | null> {
    return new Promise((resolve) => {
      const child = this.#child
      const done = (reply: FromChild | null) => {
        clearTimeout(timer)
        child.off('message', onMessage)
        child.off('exit', onExit)
        child.channel?.unref()
        child.unref()
        resolve(reply)
      }
      const onMessage = (reply: unknown) => done(reply as FromChild)
      const onExit = () => done(null)
      const timer = setTimeout(() => this.#killFor('too_slow'), Math.max(0, timeoutMs))
      if (this.#exited) return done(null)
      child.ref()
      child.channel?.ref()
      child.on('message', onMessage)
      child.once('exit', onExit)
      // The callback keeps a broken channel from throwing; `exit` follows.
      child.send(message, () => undefined)
    })
  }

  #death(): ParseFailure {
    if (this.#killedFor !== null) return new ParseFailure(this.#killedFor)
    const heap = /heap out of memory|allocation failed/iu.test(this.#stderr)
    return new ParseFailure(heap ? 'too_much_memory' : 'crashed', { cause: new Error(this.#stderr) })
  }
}
