import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const LOAD = join(import.meta.dirname, '..', '..', 'bench', 'load', 'main.mjs')
/** Half of what the whole bench has, so that three times of it end on two cores in minutes. */
const OPTIONS = ['--stages', '50,200', '--duration', '60', '--overload', '7.5', '--json']

const line = z.object({
  figures: z.object({
    errorRate: z.number(),
    connectionErrors: z.number(),
    overload: z.object({
      requests: z.number(),
      shed: z.number(),
      faults: z.number(),
      retryAfterMissing: z.number(),
      api: z.object({ maxMs: z.number() }),
      secondsToNormal: z.number().nullable(),
    }),
  }),
})

describe('check 36: load and saturation of a whole cluster', () => {
  it('at its load nothing fails; with many more it refuses, says when to come back, and is well again soon', async () => {
    const child = spawn(process.execPath, [LOAD, ...OPTIONS], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (piece: Buffer) => (output += piece.toString('utf8')))
    await once(child, 'close')
    const { figures } = line.parse(JSON.parse(output.trim().split('\n').at(-1) ?? ''))
    expect(figures.errorRate).toBeLessThan(0.001)
    expect(figures.connectionErrors).toBe(0)
    const { overload } = figures
    expect(overload.shed).toBeGreaterThan(0)
    expect([overload.faults, overload.retryAfterMissing]).toEqual([0, 0])
    expect(overload.api.maxMs).toBeLessThan(10_000)
    expect(overload.secondsToNormal).not.toBeNull()
    expect(overload.secondsToNormal).toBeLessThanOrEqual(60)
  })
})
