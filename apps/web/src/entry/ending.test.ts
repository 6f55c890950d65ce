import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'

const PROCESS = fileURLToPath(new URL('./testing/ending-process.ts', import.meta.url))
/** A process is started, beside other suites. */
const slow = { timeout: 60_000 }
/** Drain waits 25 s for an answer that does not come: what ends before was ended by something else. */
const AT_ONCE_MS = 5_000

const start = async (...args: string[]) => {
  const child = spawn(process.execPath, [PROCESS, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [said, complained] = ['', '']
  child.stdout.on('data', (piece: Buffer) => (said += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (complained += piece.toString()))
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, said, complained }))
  await expect.poll(() => said, { timeout: 20_000 }).toMatch(/^port \d+$/m)
  const port = Number(/^port (\d+)$/m.exec(said)?.[1])
  /** Never answered: it is under way until the process ends. */
  const ask = () => get({ host: '127.0.0.1', port, path: '/documents' }).on('error', () => undefined)
  return { child, ended, ask, said: () => said }
}

describe('what nobody caught', () => {
  it.each([
    ['throws', 'nobody caught an exception: the process ends nobody catches this'],
    ['rejects', 'nobody caught a rejection: the process ends nobody waits for this'],
  ])('%s: ends the process with 70, and one line that says why', slow, async (how, line) => {
    const { ask, ended } = await start(how)
    ask()
    const { code, said } = await ended
    expect(code).toBe(70)
    expect(said.trim().split('\n').slice(1)).toEqual([`fatal: ${line}`])
  })

  it.each(['throws', 'rejects'])(
    'control: %s without a guard: ends it as Node does, with a stack',
    slow,
    async (how) => {
      const { ask, ended } = await start(how, 'unguarded')
      ask()
      const { code, complained } = await ended
      expect(code).toBe(1)
      expect(complained).toMatch(/Error: nobody/)
    },
  )
})

describe('a process that is told to stop', () => {
  const signalled = async () => {
    const running = await start()
    running.ask()
    // The request is under way before anybody says stop.
    await pause(300)
    running.child.kill('SIGTERM')
    await expect.poll(running.said, { timeout: AT_ONCE_MS }).toContain('port')
    return running
  }

  it('ends at once with 1 when it is told a second time', slow, async () => {
    const { child, ended } = await signalled()
    // A later press, and not what npm hands on of the same one.
    await pause(1_000)
    expect(child.exitCode).toBeNull()
    const from = performance.now()
    child.kill('SIGTERM')
    expect((await ended).code).toBe(1)
    expect(performance.now() - from).toBeLessThan(AT_ONCE_MS)
  })

  it('control: goes on with what it has when both come from one press', slow, async () => {
    const { child } = await signalled()
    child.kill('SIGINT')
    // Longer than it takes where it ends.
    await pause(1_500)
    expect([child.exitCode, child.signalCode]).toEqual([null, null])
  })
})
