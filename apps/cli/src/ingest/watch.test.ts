import { describe, expect, it } from 'vitest'
import type { DocumentItem } from '@quarry/contracts'
import { choose, endOf } from './watch.ts'

describe('choose', () => {
  it('takes everything that fits into one look', () => {
    expect(choose(['a', 'b'], 7)).toEqual({ ids: ['a', 'b'], next: 0 })
  })

  it('always takes the oldest, and everything else in turn', () => {
    const ids = Array.from({ length: 45 }, (_, index) => index)
    const seen = new Set<number>()
    let cursor = 0
    // Half of each look is at the oldest, half goes round the 40 others.
    for (let look = 0; look < 8; look += 1) {
      const chosen = choose(ids, cursor)
      expect(chosen.ids.slice(0, 5)).toEqual(ids.slice(0, 5))
      expect(chosen.ids.length).toBeLessThanOrEqual(10)
      for (const id of chosen.ids) seen.add(id)
      cursor = chosen.next
    }
    expect(seen.size).toBe(45)
  })

  it('starts over when fewer are left than the cursor says', () => {
    const ids = Array.from({ length: 25 }, (_, index) => index)
    expect(choose(ids, 40).ids).toEqual(ids.slice(0, 10))
  })
})

describe('endOf', () => {
  const document = (latest: object, liveVersionId = 'v') =>
    ({ liveVersionId, latest: { id: 'v', state: 'searchable', failure: null, ...latest } }) as DocumentItem

  it('ends with being searchable, or with a complete semantic index', () => {
    expect(endOf(document({ semantic: 43 }), 'a.md', 'searchable')?.status).toBe('searchable')
    expect(endOf(document({ semantic: 43 }), 'a.md', 'semantic')).toBeNull()
    expect(endOf(document({ semantic: 100 }), 'a.md', 'semantic')?.status).toBe('searchable')
  })

  it('does not wait for a semantic index that will not come', () => {
    expect(endOf(document({ semantic: null }), 'a.md', 'semantic')?.status).toBe('searchable')
    expect(endOf(document({ semantic: 0 }, 'newer'), 'a.md', 'semantic')?.status).toBe('searchable')
    expect(endOf(document({ state: 'failed', semantic: null }), 'a.md', 'semantic')?.status).toBe('failed')
    expect(endOf(null, 'a.md', 'semantic')?.status).toBe('failed')
  })
})
