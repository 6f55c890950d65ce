import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { OrgId } from '@quarry/contracts'
import { createFlags, type FlagRow, type InstallationSettings } from './index.ts'

const org = randomUUID() as OrgId
const other = randomUUID() as OrgId
const OFF: FlagRow = { name: 'chat.answers', orgId: null, enabled: false, percentage: 100 }
const TINY = { orgId: org, perMinute: 5, perHour: null, runsPerUser: 1, runsPerOrganisation: null }

const setUp = () => {
  const table = {
    settings: { flags: [], limits: [] } as InstallationSettings,
    reads: 0,
    /** What a read does instead of answering. */
    trouble: null as (() => Promise<never>) | null,
  }
  const errors: unknown[] = []
  const flags = createFlags(
    async () => {
      table.reads++
      if (table.trouble) return table.trouble()
      return table.settings
    },
    { onError: (error) => errors.push(error) },
  )
  onTestFinished(() => flags.close())
  return { table, errors, flags, pass: (ms: number) => vi.advanceTimersByTimeAsync(ms) }
}
const isAway = () => Promise.reject(new Error('the database is away'))
const hangs = () => new Promise<never>(() => {})

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})

describe('polled flags', () => {
  test('count what was changed a second later, for whoever keeps asking and for whoever asks again after a while', async () => {
    const { table, flags, pass } = setUp()
    expect(await flags.isOn('chat.answers', org)).toBe(true)
    expect(await flags.limitsOf(org)).toEqual({
      perMinute: null,
      perHour: null,
      runsPerUser: null,
      runsPerOrganisation: null,
    })
    for (const pause of [1_000, 60_000]) {
      table.settings = { flags: [OFF], limits: [TINY] }
      await pass(pause)
      expect(await flags.isOn('chat.answers', org)).toBe(false)
      expect(await flags.limitsOf(org)).toMatchObject({ perMinute: 5, perHour: null, runsPerUser: 1 })
      expect(await flags.limitsOf(other)).toMatchObject({ perMinute: null })
      table.settings = { flags: [], limits: [] }
      await pass(pause)
      expect(await flags.isOn('chat.answers', org)).toBe(true)
      expect(await flags.limitsOf(org)).toMatchObject({ perMinute: null })
    }
  })

  test('are read twice a second for any number of questions, and not at all when nobody asks', async () => {
    const { table, flags, pass } = setUp()
    await pass(60_000)
    expect(table.reads).toBe(0)
    await Promise.all(Array.from({ length: 100 }, () => flags.isOn('limits.calls', org)))
    expect(table.reads).toBe(1)
    for (let i = 0; i < 1_000; i++) {
      await flags.isOn('limits.calls', org)
      await pass(10)
    }
    expect(table.reads).toBeLessThanOrEqual(21)
    expect(table.reads).toBeGreaterThanOrEqual(19)
    await pass(11_000)
    const { reads } = table
    await pass(600_000)
    expect(table.reads).toBe(reads)
  })

  test('are the last known ones while the database is away, told once, and nobody waits', async () => {
    const { table, errors, flags, pass } = setUp()
    table.settings = { flags: [OFF], limits: [TINY] }
    expect(await flags.isOn('chat.answers', org)).toBe(false)
    table.trouble = isAway
    table.settings = { flags: [], limits: [] }
    for (let i = 0; i < 100; i++) {
      await pass(100)
      expect(await flags.isOn('chat.answers', org)).toBe(false)
    }
    expect(await flags.limitsOf(org)).toMatchObject({ perMinute: 5 })
    expect(errors).toHaveLength(1)
    table.trouble = null
    await pass(1_000)
    expect(await flags.isOn('chat.answers', org)).toBe(true)
    table.trouble = isAway
    await pass(2_000)
    expect(errors).toHaveLength(2)
  })

  test('are the defaults where nothing was ever known', async () => {
    const { table, flags } = setUp()
    table.trouble = isAway
    expect(await flags.isOn('chat.answers', org)).toBe(true)
    expect(await flags.limitsOf(org)).toMatchObject({ perMinute: null })
  })

  test('of a database that hangs hold one question up for a second, and no other', async () => {
    const { table, flags, pass } = setUp()
    table.trouble = hangs
    const answered: number[] = []
    const ask = () => flags.isOn('chat.answers', org).then(() => answered.push(performance.now()))
    const start = performance.now()
    void ask()
    await pass(999)
    expect(answered).toEqual([])
    await pass(1)
    expect(answered).toEqual([start + 1_000])
    await ask()
    expect(answered).toEqual([start + 1_000, start + 1_000])
  })

  test('of a database that fails slowly hold nobody up once that is known, and whoever asks after a silence waits for news', async () => {
    const { table, flags, pass } = setUp()
    let asked = 0
    /** Whether an answer is there without any time passing. */
    const isAtOnce = async () => {
      let answered = false
      asked++
      void flags.isOn('chat.answers', org).then(() => (answered = true))
      await pass(0)
      return answered
    }
    table.trouble = () => new Promise((_, reject) => setTimeout(() => reject(new Error('away')), 800))
    expect(await isAtOnce()).toBe(false)
    await pass(800)
    for (let i = 0; i < 30; i++) {
      expect(await isAtOnce()).toBe(true)
      await pass(200)
    }
    expect(asked).toBe(31)
    await pass(60_000)
    table.trouble = null
    table.settings = { flags: [OFF], limits: [] }
    expect(await flags.isOn('chat.answers', org)).toBe(false)
  })

  test('are not read any more after the end', async () => {
    const { table, flags, pass } = setUp()
    await flags.isOn('chat.answers', org)
    flags.close()
    await pass(5_000)
    expect(await flags.isOn('chat.answers', org)).toBe(true)
    expect(table.reads).toBe(1)
  })
})
