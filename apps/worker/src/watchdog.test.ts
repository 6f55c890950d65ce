import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'

const WATCHDOG = path.join(import.meta.dirname, 'watchdog.ts')
/** Long enough for a main thread that a loaded machine keeps waiting. */
const STUCK_MS = 2_000
/** Where nothing ends it the test does. */
const GIVEN_UP_MS = 8_000

/** A process that does this for a while; what ended it, and what it said. */
const run = async (watch: boolean, what: string) => {
  const source = `import { startWatchdog } from ${JSON.stringify(WATCHDOG)}
    ${watch ? `startWatchdog(${STUCK_MS})` : ''}
    setTimeout(() => { ${what} }, 500)`
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: GIVEN_UP_MS,
      killSignal: 'SIGABRT',
    },
  )
  const [said, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { said, code: code as number | null, signal: signal as string | null }
}
const LOOP = 'for (;;);'

describe('check 21: a worker that hangs', () => {
  test('an endless loop of the main thread is ended, and said', async () => {
    const { said, signal } = await run(true, LOOP)
    expect(signal).toBe('SIGKILL')
    expect(JSON.parse(said.trim())).toMatchObject({ level: 'fatal', name: 'worker', stuckMs: STUCK_MS })
  })

  test('control: one that has to do for a longer time, with pauses, goes on and ends by itself', async () => {
    const busy = `const until = performance.now() + ${STUCK_MS * 2}
      const step = () => {
        const next = performance.now() + 200
        while (performance.now() < next);
        if (performance.now() < until) setTimeout(step, 10)
      }
      step()`
    expect(await run(true, busy)).toEqual({ said: '', code: 0, signal: null })
  })

  test('mutation: without the watchdog nothing ends it, and it says nothing', async () => {
    expect(await run(false, LOOP)).toMatchObject({ said: '', signal: 'SIGABRT' })
  })
})
