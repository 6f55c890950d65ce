import { randomUUID } from 'node:crypto'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { OrgId } from '@quarry/contracts'
import { createPolledSignals, type PolledSignalsOptions, type SignalRow } from './index.ts'

const INTERVAL_MS = 5

/** The table: rows appear when they are committed, whatever their ids. Ages are by the table's own clock. */
const createTable = () => {
  const rows: (Omit<SignalRow, 'ageMs'> & { at: number })[] = []
  const state = { reads: 0, now: 0, failing: false }
  return {
    state,
    commit(orgId: OrgId, id: number, subjectId = String(id)) {
      rows.push({ id, orgId, topic: 'document', subjectId, at: state.now })
    },
    async latestId() {
      if (state.failing) throw new Error('the database is away')
      return Math.max(0, ...rows.map((row) => row.id))
    },
    async readAfter(afterId: number, limit: number): Promise<SignalRow[]> {
      state.reads++
      if (state.failing) throw new Error('the database is away')
      return rows
        .filter((row) => row.id > afterId)
        .toSorted((x, y) => x.id - y.id)
        .slice(0, limit)
        .map(({ at, ...row }) => ({ ...row, ageMs: state.now - at }))
    },
  }
}

const setUp = (options: PolledSignalsOptions = {}) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const table = createTable()
  const signals = createPolledSignals(table, { intervalMs: INTERVAL_MS, overlapMs: 1_000, ...options })
  onTestFinished(() => signals.close())
  /** Two whole reads after now: what was there has been seen. */
  const settled = async () => {
    const { reads } = table.state
    await vi.waitUntil(() => table.state.reads >= reads + 2, { timeout: 5_000, interval: 1 })
  }
  /** So much time, with all that it brings. */
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  return { table, signals, settled, pass }
}
const [a, b] = [randomUUID() as OrgId, randomUUID() as OrgId]

describe('polled signals', () => {
  test('reach every listener of their organisation once, in order, and nobody else', async () => {
    const { table, signals, settled } = setUp()
    const seen: Record<string, string[]> = { one: [], two: [], other: [] }
    signals.subscribe(a, (signal) => seen['one']?.push(signal.id))
    signals.subscribe(a, (signal) => seen['two']?.push(signal.id))
    signals.subscribe(b, (signal) => seen['other']?.push(signal.id))
    await settled()
    for (const id of [1, 2, 3]) table.commit(a, id)
    table.commit(b, 4)
    await settled()
    await settled()
    expect(seen).toEqual({ one: ['1', '2', '3'], two: ['1', '2', '3'], other: ['4'] })
  })

  test('are not missed when a smaller id is committed after a larger one', async () => {
    const { table, signals, settled } = setUp()
    const seen: string[] = []
    signals.subscribe(a, (signal) => seen.push(signal.id))
    await settled()
    table.commit(a, 12)
    await settled()
    table.state.now += 500
    table.commit(a, 10)
    await settled()
    table.state.now += 5_000
    table.commit(a, 13)
    await settled()
    expect(seen).toEqual(['12', '10', '13'])
  })

  test('of long before are nobody’s news; those that were sent while it started are', async () => {
    const { table, signals, settled } = setUp()
    for (let id = 1; id <= 20; id++) table.commit(a, id)
    table.state.now += 60_000
    const seen: string[] = []
    signals.subscribe(a, (signal) => seen.push(signal.id))
    table.commit(a, 21)
    await settled()
    expect(seen).toEqual(['21'])
  })

  test('are all read when more came than one read gives', async () => {
    const { table, signals, settled } = setUp()
    const seen = new Set<string>()
    signals.subscribe(a, (signal) => seen.add(signal.id))
    await settled()
    for (let id = 1; id <= 3_500; id++) table.commit(a, id)
    await settled()
    expect(seen.size).toBe(3_500)
  })

  test('are looked for only while somebody listens, and again for the next one', async () => {
    const { table, signals, settled, pass } = setUp()
    expect(table.state.reads).toBe(0)
    const leave = signals.subscribe(a, () => {})
    await settled()
    leave()
    leave()
    // The read that was under way when the last one left may still end.
    await pass(INTERVAL_MS * 4)
    const { reads } = table.state
    table.commit(a, 1)
    await pass(INTERVAL_MS * 10)
    expect(table.state.reads).toBe(reads)
    const seen: string[] = []
    signals.subscribe(a, (signal) => seen.push(signal.id))
    await settled()
    table.commit(a, 2)
    await settled()
    expect(seen.at(-1)).toBe('2')
  })

  test('survive an outage: nothing is lost, and it is told once', async () => {
    const errors: unknown[] = []
    const { table, signals, settled } = setUp({ onError: (error) => errors.push(error) })
    const seen: string[] = []
    signals.subscribe(a, (signal) => seen.push(signal.id))
    await settled()
    table.state.failing = true
    await settled()
    table.commit(a, 1)
    await settled()
    table.state.failing = false
    await settled()
    expect(seen).toEqual(['1'])
    expect(errors).toHaveLength(1)
  })

  test('go on when a listener throws', async () => {
    const errors: unknown[] = []
    const { table, signals, settled } = setUp({ onError: (error) => errors.push(error) })
    const seen: string[] = []
    signals.subscribe(a, () => {
      throw new Error('listener')
    })
    signals.subscribe(a, (signal) => seen.push(signal.id))
    await settled()
    table.commit(a, 1)
    await settled()
    expect(seen).toEqual(['1'])
    expect(errors).toHaveLength(1)
  })

  test('stop at the end', async () => {
    const { table, signals, settled, pass } = setUp()
    signals.subscribe(a, () => {})
    await settled()
    await signals.close()
    const { reads } = table.state
    await pass(INTERVAL_MS * 10)
    expect(table.state.reads).toBe(reads)
  })
})
