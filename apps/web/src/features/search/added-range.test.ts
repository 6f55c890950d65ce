import { describe, expect, it } from 'vitest'
import { type Added, addedMoments, addedParam, parseAdded } from './added-range.ts'

const NOW = new Date(2026, 10, 23, 15, 30)
const local = (year: number, month: number, day: number) => new Date(year, month - 1, day).toISOString()

describe('when documents were added', () => {
  it.each<Added>([
    null,
    'today',
    'year',
    { from: '2026-01-31', to: '2026-02-01' },
    { from: null, to: '2026-02-01' },
    { from: '2024-02-29', to: null },
    { from: null, to: null },
  ])('%j comes back from the address', (added) => {
    expect(parseAdded(addedParam(added))).toEqual(added)
  })

  it('leaves out what is no day', () => {
    expect(parseAdded('2026-06-31..2026-13-01')).toEqual({ from: null, to: null })
    expect(parseAdded('0050-01-01..2025-02-29')).toEqual({ from: null, to: null })
    expect(parseAdded('yesterday')).toBeNull()
    expect(parseAdded('toString')).toBeNull()
  })

  it('means whole local days, the last one included, and the same moments all day', () => {
    expect(addedMoments('today', NOW)).toEqual({ addedFrom: local(2026, 11, 23), addedBefore: null })
    expect(addedMoments('week', NOW)).toEqual({ addedFrom: local(2026, 11, 17), addedBefore: null })
    expect(addedMoments('week', new Date(2026, 10, 23, 0, 0, 1))).toEqual(addedMoments('week', NOW))
    expect(addedMoments({ from: '2026-02-28', to: '2026-02-28' }, NOW)).toEqual({
      addedFrom: local(2026, 2, 28),
      addedBefore: local(2026, 3, 1),
    })
    expect(addedMoments({ from: null, to: '2025-12-31' }, NOW)).toEqual({
      addedFrom: null,
      addedBefore: local(2026, 1, 1),
    })
  })
})
