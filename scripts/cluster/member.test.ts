import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openChildLog } from '../boot/child-log.mjs'
import { Member } from './member.mjs'

/** A worker as far as a supervisor sees it: it says when it is ready, and hangs when it is told to. */
const WORKER = `
process.on('SIGUSR2', () => { for (;;); })
process.on('SIGTERM', () => process.exit(0))
setInterval(() => undefined, 1_000)
process.send({ type: 'ready' })
`
const HUNG_MS = 1_500
/** Some looks, and a start: many times what it takes in calm. */
const NOTICED = { timeout: 20_000 }

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarry-member-'))
  writeFileSync(path.join(folder, 'worker.mjs'), WORKER)
})
afterAll(() => rmSync(folder, { recursive: true }))

const start = async () => {
  const said: string[] = []
  const say = (message: string) => void said.push(message)
  const log = openChildLog(path.join(folder, 'logs'), 'worker-1', say)
  const member = new Member(
    {
      ...{ name: 'worker-1', kind: 'worker' as const, node: true, file: process.execPath, args: ['worker.mjs'] },
      ...{ cwd: folder, env: { PATH: process.env['PATH'] }, graceMs: 2_000, startMs: 20_000, hungMs: HUNG_MS },
    },
    log,
    say,
  )
  onTestFinished(async () => {
    await member.stop()
    await member.closeLog()
  })
  await member.start()
  const { pid } = member
  if (pid === undefined) throw new Error('it has no process')
  return { member, said, pid }
}

describe('a worker, which answers no port', () => {
  it.each([
    ['its main thread is in an endless loop', 'SIGUSR2'],
    ['it was stopped in its tracks', 'SIGSTOP'],
  ] as const)('is killed and started again when %s', { timeout: 60_000 }, async (_, signal) => {
    const { member, said, pid } = await start()
    process.kill(pid, signal)
    await expect.poll(() => member.pid !== pid && member.isReady, NOTICED).toBe(true)
    expect(said.join('\n')).toContain('worker-1 has said nothing for 1.5 s and is killed')
    expect(member.view()).toMatchObject({ state: 'ready', restarts: 1, lastEnd: { how: 'SIGKILL' } })
  })

  it('control: stays for as long as it goes on', async () => {
    const { member, said, pid } = await start()
    // Twice what it may say nothing for.
    await pause(2 * HUNG_MS)
    expect([member.pid, member.isReady, said]).toEqual([pid, true, []])
  })
})
