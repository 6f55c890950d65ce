import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openChildLog } from './child-log.mjs'
import { Child } from './child.mjs'
import { isRunning } from './process-state.mjs'

let folder: string
let said: string[]
let children: Child[]

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-child-'))
  said = []
  children = []
})
afterEach(() => {
  for (const child of children) child.killNow()
  rmSync(folder, { recursive: true, force: true })
})

/** A child that runs `source`; `note(x)` in it writes a file that the test reads. */
const make = (source: string, graceMs?: number): Child => {
  const file = path.join(folder, 'main.mjs')
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs'; import { spawn } from 'node:child_process'
     const note = (x) => appendFileSync(${JSON.stringify(path.join(folder, 'notes'))}, x + '\\n')
     ${source}`,
  )
  const say = (line: string): void => void said.push(line)
  const env = { PATH: process.env.PATH ?? '' }
  const options = { name: 'part', node: process.execPath, args: [file], cwd: folder, env, graceMs }
  const child = new Child(options, openChildLog(path.join(folder, 'logs'), 'part', say), say)
  children.push(child)
  return child
}
const notes = (): string[] => {
  try {
    return readFileSync(path.join(folder, 'notes'), 'utf8').trim().split('\n')
  } catch {
    return []
  }
}
const pids = (): number[] => notes().map(Number)
const START = { timeoutMs: 10_000 }
const SERVE = "note(process.pid); process.send({ type: 'ready' }); setInterval(() => {}, 1e6)"

describe('a child', () => {
  it('is started when it says so, and stopped by SIGTERM', async () => {
    const child = make(`process.on('SIGTERM', () => { note('stopped'); process.exit(0) }); ${SERVE}`)
    await child.start(START)
    await child.stop()
    expect(notes()[1]).toBe('stopped')
    expect(isRunning(pids()[0] ?? 0)).toBe(false)
    expect(said).toEqual([])
  })

  it('that ends before it is ready fails with its last words, not with a stack', async () => {
    const child = make("console.error('The disk is full.\\n    at somewhere (file.js:1:1)'); process.exit(1)")
    await expect(child.start(START)).rejects.toThrow('The disk is full.')
    await child.log.close()
    expect(readFileSync(child.log.file, 'utf8')).toContain('at somewhere')
  })

  it('that hangs before it is ready fails in time', async () => {
    await expect(make('setInterval(() => {}, 1e6)').start({ timeoutMs: 200 })).rejects.toThrow(
      'did not answer within 0.2 s',
    )
  })

  it('is started again when it dies', async () => {
    const child = make(SERVE)
    await child.start(START)
    process.kill(pids()[0] ?? 0, 'SIGKILL')
    await vi.waitFor(() => expect(pids()).toHaveLength(2), { timeout: 5_000 })
    expect(isRunning(pids()[1] ?? 0)).toBe(true)
    expect(said.join()).toContain('part ended unexpectedly')
    await child.stop()
    expect(pids().map(isRunning)).toEqual([false, false])
  })

  it('that does not heed SIGTERM is killed, with what it has started', async () => {
    const child = make(
      `process.on('SIGTERM', () => {}); const below = spawn('sleep', ['1000']); note(below.pid); ${SERVE}`,
      300,
    )
    await child.start(START)
    await vi.waitFor(() => expect(pids()).toHaveLength(2))
    await child.stop()
    expect(said.join()).toContain('did not stop within')
    await vi.waitFor(() => expect(pids().map(isRunning)).toEqual([false, false]))
  })

  it('takes what it has started along when it dies', async () => {
    const child = make(`const below = spawn('sleep', ['1000']); note(below.pid); ${SERVE}`)
    await child.start(START)
    const [below = 0, own = 0] = pids()
    process.kill(own, 'SIGKILL')
    await vi.waitFor(() => expect(isRunning(below)).toBe(false))
  })

  it('shows warnings and errors, and keeps everything in its log', async () => {
    const lines = [
      JSON.stringify({ level: 'info', msg: 'quiet' }),
      JSON.stringify({ level: 'warn', msg: 'slow disk' }),
      JSON.stringify({ level: 'error', msg: 'gone', err: { message: 'ENOENT' } }),
    ]
    const child = make(lines.map((line) => `console.error(${JSON.stringify(line)})`).join(';'))
    await child.runOnce()
    await child.log.close()
    expect(said).toEqual(['part: slow disk', 'part: gone (ENOENT)'])
    expect(readFileSync(child.log.file, 'utf8').trim().split('\n')).toEqual(lines)
  })
})

it.each([
  ['a child', []],
  ['a watched child and its watcher', ['--watch']],
])(
  '%s ends when boot is killed without a word',
  async (_, flags) => {
    const main = path.join(folder, 'main.mjs')
    writeFileSync(
      main,
      `process.send({ type: 'ready', pids: [process.pid, process.ppid] }); setInterval(() => {}, 1e6)`,
    )
    const boot = path.join(folder, 'boot.mjs')
    const guard = path.join(import.meta.dirname, 'child-guard.mjs')
    writeFileSync(
      boot,
      `import { spawn } from 'node:child_process'
     const child = spawn(process.execPath, ['--import', ${JSON.stringify(guard)}, ...${JSON.stringify(flags)}, ${JSON.stringify(main)}], {
       detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: { ...process.env, QUARRY_BOOT_PID: String(process.pid) } })
     child.on('message', ({ pids }) => pids && console.log(pids.filter((pid) => pid !== process.pid).join(' ')))`,
    )
    const parent = spawn(process.execPath, [boot], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(parent.stdout, 'data')
    const started = String(line).trim().split(' ').map(Number)
    expect(started.map(isRunning)).toEqual(started.map(() => true))
    parent.kill('SIGKILL')
    await vi.waitFor(() => expect(started.map(isRunning)).toEqual(started.map(() => false)), { timeout: 8_000 })
  },
  15_000,
)
