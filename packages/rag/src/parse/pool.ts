import { mkdir } from 'node:fs/promises'
import type { ReadableFile } from './parsed-page.ts'
import { ParserProcess, type ParserLimits, type PoolStep } from './parser-process.ts'

export interface ParserPool {
  /**
   * Reads a file in a child process, page by page; the child works ahead by one page at most.
   * @throws ParseFailure when the file cannot be read; the signal's reason when it aborts, which kills the child at once.
   */
  read(file: ReadableFile, signal: AbortSignal, options?: ReadOptions): AsyncGenerator<PoolStep>
  /** Kills the children, and resolves when they are gone. */
  close(): Promise<void>
}

export interface ReadOptions {
  /** Nobody waits for it: the child leaves the processor to whoever wants it. */
  readonly background?: boolean
}

export interface ParserPoolOptions {
  readonly limits: ParserLimits
  /** Files read at the same time. Parsing is pure computing: one per core at most. */
  readonly processes: number
  /**
   * Where the children stand; made when it is missing. They may not write, so it stays empty: nothing that a file names
   * by a relative path exists there.
   */
  readonly folder: string
  /** The module that a child runs; tests put a hostile one here. */
  readonly module?: URL
}

/** Starting a child costs about 0.3 s, and fonts and caches of old files stay in it: a hundred files balance the two. */
const FILES_PER_PROCESS = 100
/** A child that keeps this share of the cap between files would fail the next one for no fault of that file. */
const RETIRE_ABOVE = 0.5
/** So far on the way to either its successor is started: the files until then give it the time. */
const NEARLY = 0.9

export function createParserPool(options: ParserPoolOptions): ParserPool {
  const module = options.module ?? new URL('./child.ts', import.meta.url)
  const size = options.processes
  const idle: ParserProcess[] = []
  const all = new Set<ParserProcess>()
  const ending = new Set<Promise<void>>()
  /** Follows the next that wears out of those that somebody waits for, beside the `processes` until then. */
  let successor: { readonly child: ParserProcess; readonly warm: Promise<void>; isWarm: boolean } | null = null
  const waiting: (() => void)[] = []
  let busy = 0
  let closed = false

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (busy < size) {
      busy++
      return
    }
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        waiting.splice(waiting.indexOf(turn), 1)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      waiting.push(turn)
    })
  }

  /** Hands the turn on, or gives it back. */
  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) busy--
    else next()
  }

  async function start(): Promise<ParserProcess> {
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    // It may have been closed while this file waited for its turn.
    if (closed) throw new Error('the parser pool is closed')
    return new ParserProcess(module, options.limits, options.folder)
  }

  /** Nobody waits until it is gone, but for whoever closes the pool. */
  function end(child: ParserProcess): void {
    all.delete(child)
    const gone = child.stop().finally(() => ending.delete(gone))
    ending.add(gone)
  }

  /** Starts the one that follows `old`, as soon as it may: a file that had to wait for it would wait 0.3 s. */
  async function prepare(old: ParserProcess): Promise<void> {
    if (successor !== null) return
    // Taken at once: another file may end meanwhile.
    const child = new ParserProcess(module, options.limits, options.folder)
    const prepared = { child, warm: child.warm(old.kinds), isWarm: false }
    successor = prepared
    await prepared.warm
    prepared.isWarm = true
  }

  /** The successor, which is one of the children from now on. */
  function succeed(): ParserProcess | null {
    const child = successor?.child
    successor = null
    if (child === undefined) return null
    all.add(child)
    return child
  }

  /** One of the kind that is wanted. A child that stands back cannot be made to stand forward again: only root may do that. */
  async function take(background: boolean): Promise<ParserProcess> {
    for (const dead of idle.filter((each) => !each.alive)) {
      idle.splice(idle.indexOf(dead), 1)
      all.delete(dead)
    }
    const same = idle.findLastIndex((known) => known.inBackground === background)
    const known = same === -1 ? undefined : idle.splice(same, 1)[0]
    if (known !== undefined) return known
    // The others stay for those that somebody waits for, as long as there is room for one more.
    if (all.size >= size && background) {
      const other = idle.pop()
      other?.standBack()
      if (other !== undefined) return other
    }
    // It would be one too many beside the one that is made now.
    const other = all.size >= size ? idle.pop() : undefined
    if (other !== undefined) {
      all.delete(other)
      await other.stop()
    }
    if (!background && successor !== null) {
      await successor.warm
      const next = succeed()
      if (next?.alive) return next
    }
    const made = await start()
    all.add(made)
    if (background) made.standBack()
    return made
  }

  async function putBack(used: ParserProcess): Promise<void> {
    const held = (await used.rss()) / (options.limits.memoryMb * 1024 * 1024)
    const isUsable = !closed && used.alive && held <= RETIRE_ABOVE
    if (isUsable && !used.inBackground && (used.files >= NEARLY * FILES_PER_PROCESS || held > NEARLY * RETIRE_ABOVE))
      void prepare(used)
    // One that is old serves on until the other is warm.
    const isRelieved = used.files >= FILES_PER_PROCESS && (used.inBackground || successor?.isWarm === true)
    if (isUsable && !isRelieved) {
      idle.push(used)
      return
    }
    end(used)
    if (closed || used.inBackground) return
    const next = successor?.isWarm === true ? succeed() : null
    if (next !== null) idle.push(next)
  }

  return {
    async *read(file, signal, { background = false } = {}) {
      await enter(signal)
      try {
        const child = await take(background)
        try {
          yield* child.read(file, signal)
        } finally {
          await putBack(child)
        }
      } finally {
        leave()
      }
    },
    async close() {
      closed = true
      await Promise.all([...[...all, succeed()].map((child) => child?.stop()), ...ending])
    },
  }
}
