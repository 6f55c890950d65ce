import { versionId } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSource, parseSourceParam, type SourcePlace, sourceHref, sourceParam } from './source-address.ts'

const place = fc
  .record({
    versionId: fc.uuid({ version: 7 }).map((id) => versionId.parse(id)),
    ordinal: fc.integer({ min: 1, max: 99_999 }),
    span: fc.option(
      fc
        .tuple(fc.nat(10_000), fc.integer({ min: 1, max: 500 }))
        .map(([start, length]) => ({ start, end: start + length })),
    ),
    unverified: fc.boolean(),
  })
  .map((p): SourcePlace => p)

const parseHref = (href: string) => {
  const url = new URL(href, 'http://quarry.test')
  const [, , version, ordinal] = url.pathname.split('/')
  return parseSource({ versionId: version, ordinal, ...Object.fromEntries(url.searchParams) })
}

describe('source addresses', () => {
  it('come back as the place they were made from', () => {
    fc.assert(
      fc.property(place, (p) => {
        expect(parseHref(sourceHref(p))).toEqual(p)
        expect(parseSourceParam(sourceParam(p))).toEqual(p)
      }),
    )
  })

  it('are refused when they name no version or no page', () => {
    expect(parseSource({ versionId: 'x', ordinal: '1' })).toBeNull()
    expect(parseSource({ versionId: '0190a8c0-0000-7000-8000-000000000000', ordinal: '0' })).toBeNull()
    expect(parseSource({ versionId: '0190a8c0-0000-7000-8000-000000000000', ordinal: '-1' })).toBeNull()
    expect(parseSourceParam(null)).toBeNull()
  })

  it('lose a span that is empty or backwards, and keep the page', () => {
    const raw = { versionId: '0190a8c0-0000-7000-8000-000000000000', ordinal: '3' }
    expect(parseSource({ ...raw, start: '9', end: '9' })?.span).toBeNull()
    expect(parseSource({ ...raw, start: '9', end: '4' })?.span).toBeNull()
  })
})
