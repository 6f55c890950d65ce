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

/** Starting a child costs about 0.2 s, and fonts and caches of old files stay in it: a hundred files balance the two. */
const FILES_PER_PROCESS = 100
/** A child that keeps this share of the cap between files would fail the next one for no fault of that file. */
const RETIRE_ABOVE = 0.5

export function createParserPool(options: ParserPoolOptions): ParserPool {
  const module = options.module ?? new URL('./child.ts', import.meta.url)
  const size = options.processes
  const idle: ParserProcess[] = []
  const all = new Set<ParserProcess>()
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
    await mkdir(options.folder, { recursive: true, mode: 0o700 })
    // It may have been closed while this file waited for its turn.
    if (closed) throw new Error('the parser pool is closed')
    const made = new ParserProcess(module, options.limits, options.folder)
    all.add(made)
    if (background) made.standBack()
    return made
  }

  async function putBack(used: ParserProcess): Promise<void> {
    const worn =
      used.files >= FILES_PER_PROCESS || (await used.rss()) > RETIRE_ABOVE * options.limits.memoryMb * 1024 * 1024
    if (!closed && used.alive && !worn) {
      idle.push(used)
      return
    }
    await used.stop()
    all.delete(used)
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
      await Promise.all([...all].map((child) => child.stop()))
    },
  }
}
