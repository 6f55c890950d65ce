import { ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { ParsedPage, ReadableFile } from './parsed-page.ts'
import { ParserProcess } from './parser-process.ts'
import { createParserPool, type ParserPool, type ParserPoolOptions } from './pool.ts'
import { OCR, pictureOf } from './testing/pictures.ts'

const HOSTILE = new URL('./testing/hostile-child.ts', import.meta.url)
const ROOMY = { memoryMb: 512, timeoutMs: 20_000 }
const never = new AbortController().signal

let folder: string
let text: ReadableFile
const pools: ParserPool[] = []
const poolOf = (options: Partial<ParserPoolOptions>) => {
  const pool = createParserPool({ limits: ROOMY, processes: 1, folder: path.join(folder, 'parse'), ...options })
  pools.push(pool)
  return pool
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-pool-'))
  text = { path: path.join(folder, 'long.txt'), mediaType: 'text/plain' }
  await writeFile(
    text.path,
    Array.from({ length: 400 }, (_, i) => `Paragraph ${i} ${'has words '.repeat(20)}`).join('\n\n'),
  )
})
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})
afterAll(() => rm(folder, { recursive: true }))

async function readAll(pool: ParserPool, file: ReadableFile, signal: AbortSignal = never): Promise<ParsedPage[]> {
  const pages: ParsedPage[] = []
  for await (const step of pool.read(file, signal)) if ('page' in step) pages.push(step.page)
  return pages
}
const hostile = (name: string): ReadableFile => ({ path: name, mediaType: 'text/plain' })

describe('a hostile file', () => {
  // Without the cap this ends as too_slow, after a gigabyte.
  test('that takes memory outside the heap is stopped for its memory', async () => {
    const pool = poolOf({ module: HOSTILE, limits: { memoryMb: 200, timeoutMs: 5_000 } })
    await expect(readAll(pool, hostile('greedy'))).rejects.toMatchObject({ code: 'too_much_memory' })
  })

  test('that never ends is stopped for its time', async () => {
    const pool = poolOf({ module: HOSTILE, limits: { memoryMb: 512, timeoutMs: 700 } })
    await expect(readAll(pool, hostile('endless'))).rejects.toMatchObject({ code: 'too_slow' })
  })

  test('that crashes the child takes nothing else with it', async () => {
    const pool = poolOf({ module: HOSTILE })
    await expect(readAll(pool, hostile('crash'))).rejects.toMatchObject({ code: 'crashed' })
    await expect(readAll(pool, hostile('environment'))).rejects.toMatchObject({ code: 'damaged' })
  })
})

describe('the child', () => {
  const look = async (
    pool: ParserPool,
  ): Promise<{ env: Record<string, string>; cwd: string; pid: number; seconds: number }> => {
    const failure: unknown = await readAll(pool, hostile('environment')).catch((error: unknown) => error)
    if (!(failure instanceof Error) || !(failure.cause instanceof Error))
      throw new Error('the child did not answer', { cause: failure })
    return JSON.parse(failure.cause.message)
  }

  test('has no environment of ours, and stands in an empty folder', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://secret@db/quarry')
    const { env, cwd } = await look(poolOf({ module: HOSTILE }))
    expect(Object.keys(env).filter((name) => !name.startsWith('NODE_CHANNEL_'))).toEqual([])
    expect(await readdir(cwd)).toEqual([])
    vi.unstubAllEnvs()
  })

  test('is used again for the next file', async () => {
    const pool = poolOf({ module: HOSTILE })
    expect((await look(pool)).pid).toBe((await look(pool)).pid)
  })

  test('is followed by one that was started before it is needed', async () => {
    const pool = poolOf({ module: HOSTILE })
    const first = await look(pool)
    let before = first
    let successor = first
    let asked = performance.now()
    // It is old after a hundred files, and serves on until the other is there.
    await vi.waitFor(
      async () => {
        before = successor
        asked = performance.now()
        successor = await look(pool)
        expect(successor.pid).not.toBe(first.pid)
      },
      { timeout: 60_000, interval: 1 },
    )
    const waited = (performance.now() - asked) / 1_000
    expect(before.pid).toBe(first.pid)
    expect(successor.seconds).toBeGreaterThan(waited)
    await vi.waitFor(() => expect(() => process.kill(first.pid, 0)).toThrow('ESRCH'), { timeout: 10_000 })
    expect((await look(pool)).pid).toBe(successor.pid)
  }, 80_000)

  test('that is to follow another is gone after close, too', async () => {
    const pool = poolOf({ module: HOSTILE })
    const started = vi.spyOn(ParserProcess.prototype, 'warm')
    for (let i = 0; i < 90; i++) await look(pool)
    expect(started).toHaveBeenCalledTimes(1)
    const [successor] = started.mock.contexts as ParserProcess[]
    started.mockRestore()
    await pool.close()
    expect(successor?.alive).toBe(false)
  }, 60_000)

  test('is gone after close, and no other one is started', async () => {
    const pool = poolOf({ module: HOSTILE })
    const { pid } = await look(pool)
    const running = readAll(pool, hostile('endless'))
    const waiting = readAll(pool, hostile('environment'))
    const ended = Promise.allSettled([running, waiting])
    await pool.close()
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    const closed = { reason: { message: 'the parser pool is closed' } }
    expect(await ended).toMatchObject([closed, closed])
  })

  test('that cannot be started is told at once', async () => {
    const child = new ParserProcess(HOSTILE, ROOMY, path.join(folder, 'nowhere'))
    await expect(child.read(text, never).next()).rejects.toMatchObject({ code: 'crashed' })
    expect(child.alive).toBe(false)
    await child.stop()
  })

  test('that cannot be started is never signalled: its handle holds the id of nobody, or of our own group', () => {
    const signalled = vi.spyOn(ChildProcess.prototype, 'kill')
    const child = new ParserProcess(HOSTILE, ROOMY, path.join(folder, 'nowhere'))
    child.kill()
    expect(signalled).not.toHaveBeenCalled()
    signalled.mockRestore()
  })

  test('that is caught in a loop ends when its parent is killed', async () => {
    const parent = fork(new URL('./testing/parent-to-kill.ts', import.meta.url), [path.join(folder, 'parse')])
    const [pid] = (await once(parent, 'message')) as [number]
    expect(() => process.kill(pid, 0)).not.toThrow()
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 10_000 })
  }, 20_000)
})

describe('reading', () => {
  test('gives all pages in order, by several files at once', async () => {
    const pool = poolOf({ processes: 2 })
    const read = await Promise.all([readAll(pool, text), readAll(pool, text), readAll(pool, text)])
    expect(read[0]?.length).toBeGreaterThan(5)
    expect(read[0]?.map((page) => page.ordinal)).toEqual(read[0]?.map((_, i) => i + 1))
    expect(read[1]).toEqual(read[0])
    expect(read[2]).toEqual(read[0])
  })

  test('stops when the reader has enough, and the pool serves on', async () => {
    const pool = poolOf({})
    for await (const step of pool.read(text, never)) if ('page' in step && step.page.ordinal === 2) break
    expect((await readAll(pool, text)).length).toBeGreaterThan(5)
  })

  test('ends with the reason of the signal, also while it waits for its turn', async () => {
    const pool = poolOf({ module: HOSTILE })
    const running = new AbortController()
    const waiting = new AbortController()
    const first = readAll(pool, hostile('endless'), running.signal)
    const second = readAll(pool, hostile('endless'), waiting.signal)
    waiting.abort(new Error('not needed'))
    await expect(second).rejects.toThrow('not needed')
    running.abort(new Error('stop'))
    await expect(first).rejects.toThrow('stop')
    await expect(readAll(pool, hostile('environment'))).rejects.toMatchObject({ code: 'damaged' })
  })
})

describe('text recognition', () => {
  const limits = { ...ROOMY, ocr: { languages: OCR.languages, pageMs: 60_000, maxPages: 10 } }
  const picture = async (name: string, lines: readonly string[]): Promise<ReadableFile> => {
    const file = path.join(folder, name)
    await writeFile(file, pictureOf(lines).canvas.toBuffer('image/png'))
    return { path: file, mediaType: 'image/png' }
  }

  test('works with the rights that the child has, and tells when it begins', async () => {
    const file = await picture('keeper.png', ['The keeper of the northern lighthouse', 'counts the ships.'])
    const steps: unknown[] = []
    for await (const step of poolOf({ limits }).read(file, never)) steps.push(step)
    expect(steps).toMatchObject([
      { recognising: { ordinal: 1, pageCount: null } },
      { page: { ocr: true, text: 'The keeper of the northern lighthouse counts the ships.' } },
    ])
  }, 120_000)

  test('leaves no thread and no word of one file to the next', async () => {
    const pool = poolOf({ limits })
    const first = await picture('first.png', ['The harbour master has the keys'])
    const second = await picture('second.png', ['A locksmith opened the cabinet'])
    const read = [await readAll(pool, first), await readAll(pool, second), await readAll(pool, first)]
    expect(read.map(([page]) => page?.text)).toEqual([
      'The harbour master has the keys',
      'A locksmith opened the cabinet',
      'The harbour master has the keys',
    ])
  }, 120_000)

  test('ends when its signal does', async () => {
    const pool = poolOf({ limits })
    const file = await picture('keeper.png', ['The keeper of the northern lighthouse'])
    const stop = new AbortController()
    const reading = async () => {
      for await (const step of pool.read(file, stop.signal)) if ('recognising' in step) stop.abort(new Error('enough'))
    }
    await expect(reading()).rejects.toThrow('enough')
    expect((await readAll(pool, text)).length).toBeGreaterThan(5)
  }, 120_000)

  test('that does not end by itself is ended with its process', async () => {
    const pool = poolOf({ module: HOSTILE, limits: { ...limits, ocr: { ...limits.ocr, pageMs: 1 } } })
    await expect(readAll(pool, hostile('recognising'))).rejects.toMatchObject({ code: 'too_slow' })
  }, 20_000)

  test('that is announced for more pages than a file may have is ended', async () => {
    const pool = poolOf({ module: HOSTILE, limits })
    await expect(readAll(pool, hostile('announcing'))).rejects.toMatchObject({ code: 'too_slow' })
  }, 20_000)
})
