import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import type { FailureCode } from '@quarry/contracts'
import { findLanguages } from '../ocr/languages.ts'
import { ParseFailure } from '../parsed-page.ts'
import { createParserPool } from '../pool.ts'
import type { ParserLimits } from '../parser-process.ts'
import type { Canary, HostileFile } from './hostile-file.ts'

export interface CorpusOptions {
  /** Files, the canary and the parser's own folder go here. */
  readonly folder: string
  readonly limits: ParserLimits
  /** A parser's child of the tests' own. */
  readonly module?: URL
}

export interface CorpusResult {
  readonly name: string
  readonly outcome: 'searchable' | FailureCode | 'other'
  readonly seconds: number
  /** Highest resident memory of the child; 0 where the system does not tell. */
  readonly peakMb: number
  /** What should not have been. */
  readonly faults: readonly string[]
}

/** What the issue of a hostile file may cost (the production limits end a file at these). */
export const MOST_SECONDS = 60
export const MOST_MEBIBYTES = 512

/** Reads each file with a real pool of one process, the way a worker does, and judges what came of it. */
export async function* runCorpus(files: readonly HostileFile[], options: CorpusOptions): AsyncGenerator<CorpusResult> {
  const word = `canary${process.pid}word`
  const canaryPath = path.join(options.folder, 'canary.txt')
  await writeFile(canaryPath, `${word}\n`)
  const server = await countingServer(word)
  const canary: Canary = { url: `http://127.0.0.1:${server.port}`, path: canaryPath, word }
  const parserFolder = path.join(options.folder, 'parser')
  const pool = createParserPool({
    limits: options.limits,
    processes: 1,
    folder: parserFolder,
    ...(options.module === undefined ? {} : { module: options.module }),
  })
  try {
    for (const file of files) {
      const filePath = path.join(options.folder, 'hostile')
      await writeFile(filePath, file.bytes(canary))
      await forgetPeak(parserFolder)
      const before = server.connections()
      const watch = watchPeak(parserFolder)
      const started = performance.now()
      const { outcome, text } = await read(pool, filePath, file)
      const seconds = (performance.now() - started) / 1000
      const peakMb = await watch.stop()
      const connections = server.connections() - before
      yield {
        name: file.name,
        outcome,
        seconds,
        peakMb,
        faults: faultsOf(file, { outcome, text, seconds, peakMb, connections, word }),
      }
      await rm(filePath)
    }
  } finally {
    await pool.close()
    await server.close()
  }
}

/** The faults of each file that has some, by its name. */
export async function faultsOfCorpus(
  files: readonly HostileFile[],
  options: CorpusOptions,
): Promise<Record<string, readonly string[]>> {
  const faults: Record<string, readonly string[]> = {}
  for await (const { name, faults: found } of runCorpus(files, options)) if (found.length > 0) faults[name] = found
  return faults
}

/** What a worker's parser has unless its operator says otherwise (PARSE_ and OCR_ variables). */
export const productionLimits = (): ParserLimits => ({
  memoryMb: MOST_MEBIBYTES,
  timeoutMs: MOST_SECONDS * 1000,
  ocr: { languages: findLanguages(['eng'], undefined), pageMs: 30_000, maxPages: 200 },
})

type Pool = ReturnType<typeof createParserPool>

/** More of a text than this proves no more. */
const MOST_KEPT = 100_000_000

async function read(
  pool: Pool,
  filePath: string,
  { mediaType }: HostileFile,
): Promise<{ outcome: CorpusResult['outcome']; text: string }> {
  const texts: string[] = []
  let length = 0
  let ordinal = 0
  try {
    for await (const step of pool.read({ path: filePath, mediaType }, new AbortController().signal)) {
      if (!('page' in step)) continue
      if (step.page.ordinal !== ++ordinal || !step.page.text.isWellFormed() || step.page.text.includes('\0'))
        return { outcome: 'other', text: 'pages that could not be stored' }
      length += step.page.text.length
      if (length < MOST_KEPT) texts.push(step.page.label ?? '', step.page.text)
    }
  } catch (error) {
    return { outcome: error instanceof ParseFailure ? error.code : 'other', text: texts.join('\n') }
  }
  const text = texts.join('\n')
  return { outcome: text.trim() === '' ? 'no_text' : 'searchable', text }
}

interface Seen {
  readonly outcome: CorpusResult['outcome']
  readonly text: string
  readonly seconds: number
  readonly peakMb: number
  readonly connections: number
  readonly word: string
}

function faultsOf({ expected, contains, lacks }: HostileFile, seen: Seen): string[] {
  const right =
    expected === 'searchable' ? seen.outcome === 'searchable' : expected.some((code) => code === seen.outcome)
  return [
    right ? '' : `ended as ${seen.outcome}`,
    seen.seconds <= MOST_SECONDS ? '' : `took ${Math.round(seen.seconds)} s`,
    seen.peakMb <= MOST_MEBIBYTES ? '' : `took ${Math.round(seen.peakMb)} MiB`,
    seen.connections === 0 ? '' : `connected ${seen.connections} times`,
    seen.text.includes(seen.word) ? 'has bytes of another file' : '',
    contains === undefined || seen.text.includes(contains) ? '' : 'has lost its own text',
    lacks === undefined || !seen.text.includes(lacks) ? '' : `has “${lacks}”`,
  ].filter((fault) => fault !== '')
}

/** Accepts, counts, answers with the canary's word, and closes. */
async function countingServer(word: string) {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    // Unread, a connection stays open, and the server with it.
    socket.on('error', () => undefined).resume()
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${word.length}\r\nConnection: close\r\n\r\n${word}`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** The parser's processes are those that stand in its folder, wherever this code runs. */
async function childrenIn(folder: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/u.test(pid)) continue
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => '')) === folder) found.push(pid)
  }
  return found
}

/** Starts the kernel's mark of the highest resident memory anew (proc_pid_clear_refs(5), 5). */
async function forgetPeak(folder: string): Promise<void> {
  for (const pid of await childrenIn(folder)) await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined)
}

const LOOK_MS = 25
/** Looking for a child that was started meanwhile reads all of /proc. */
const SEARCH_EVERY = 8

function watchPeak(folder: string): { stop(): Promise<number> } {
  let peakKb = 0
  let pids: string[] = []
  let looks = 0
  const look = async () => {
    if (looks++ % SEARCH_EVERY === 0) pids = await childrenIn(folder)
    for (const pid of pids) {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
      peakKb = Math.max(peakKb, Number(/^VmHWM:\s*(\d+) kB$/mu.exec(status)?.[1] ?? 0))
    }
  }
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, LOOK_MS)
  return {
    async stop() {
      clearInterval(timer)
      await looking
      looks = 0
      await look()
      return peakKb / 1024
    },
  }
}
