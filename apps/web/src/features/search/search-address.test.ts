import { collectionId, mediaType, versionId } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Added } from './added-range.ts'
import { isFiltered, NO_FILTERS, parseSearchPlace, searchHref, type SearchPlace } from './search-address.ts'

const day = fc.option(fc.constantFrom('2026-01-31', '2024-02-29', '2025-12-01'))
const added: fc.Arbitrary<Added> = fc.oneof(
  fc.constantFrom(null, 'today' as const, 'week' as const, 'month' as const, 'year' as const),
  fc.record({ from: day, to: day }),
)
const source = fc.record({
  versionId: fc.uuid({ version: 7 }).map((id) => versionId.parse(id)),
  ordinal: fc.integer({ min: 1, max: 999 }),
  span: fc.option(fc.constant({ start: 3, end: 40 })),
  unverified: fc.boolean(),
})
const place: fc.Arbitrary<SearchPlace> = fc.record({
  query: fc.string({ unit: 'binary', maxLength: 60 }).map((text) => text.toWellFormed()),
  filters: fc.record({
    collectionIds: fc.uniqueArray(
      fc.uuid({ version: 7 }).map((id) => collectionId.parse(id)),
      { maxLength: 4 },
    ),
    mediaTypes: fc.uniqueArray(fc.constantFrom(...mediaType.options), { maxLength: 5 }),
    languages: fc.uniqueArray(fc.constantFrom('english', 'german', 'pt-BR', 'simple'), { maxLength: 3 }),
    added,
  }),
  source: fc.option(source),
})
const paramsOf = (href: string) => new URL(href, 'http://quarry.test').searchParams

describe('the address of a search', () => {
  it('gives the same page back', () => {
    fc.assert(
      fc.property(place, (p) => {
        expect(parseSearchPlace(paramsOf(searchHref(p)))).toEqual(p)
      }),
    )
  })

  it('is short where nothing is chosen', () => {
    expect(searchHref({ query: '', filters: NO_FILTERS, source: null })).toBe('/search')
  })

  it('loses what it does not understand, and keeps the rest', () => {
    const { query, filters } = parseSearchPlace(
      paramsOf('/search?q=roof&collection=x,&type=text/csv,application/x-nothing&language=german,,german&added=soon'),
    )
    expect(query).toBe('roof')
    expect(filters).toEqual({ ...NO_FILTERS, mediaTypes: ['text/csv'], languages: ['german'] })
  })

  it('narrows nothing with an open range', () => {
    expect(isFiltered({ ...NO_FILTERS, added: { from: null, to: null } })).toBe(false)
    expect(isFiltered({ ...NO_FILTERS, added: { from: null, to: '2026-01-01' } })).toBe(true)
    expect(isFiltered({ ...NO_FILTERS, languages: ['german'] })).toBe(true)
  })
})
