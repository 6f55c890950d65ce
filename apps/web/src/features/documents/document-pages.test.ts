import { documentItem } from '@quarry/contracts'
import { describe, expect, it } from 'vitest'
import { isListed, listFilterOf, replaceDocument } from './document-pages.ts'

const idOf = (n: number) => `0190a8c0-0000-7000-8000-00000000000${n}`
const item = (n: number, state: string, mediaType: string | null = 'text/csv') =>
  documentItem.parse({
    id: idOf(n),
    collectionId: idOf(9),
    path: `${n}.csv`,
    title: `${n}`,
    liveVersionId: null,
    createdAt: '2026-11-23T00:00:00Z',
    latest: {
      id: idOf(8),
      state,
      stage: null,
      progress: 0,
      mediaType,
      sizeBytes: 1,
      contentHash: null,
      pageCount: null,
      language: null,
      warnings: [],
      semantic: null,
      failure: null,
      createdAt: '2026-11-23T00:00:00Z',
      searchableAt: null,
    },
  })
const list = {
  pages: [
    { items: [item(1, 'parsing'), item(2, 'parsing')], nextCursor: 'more' },
    { items: [item(3, 'parsing')], nextCursor: null },
  ],
  pageParams: [null, 'more'],
}
const statesOf = ({ pages }: typeof list) => pages.map(({ items }) => items.map(({ latest }) => latest.state))

describe('a list in which a document changed', () => {
  it('has it in its place, and its other pages untouched', () => {
    const next = replaceDocument(list, item(2, 'searchable'))
    expect(statesOf(next)).toEqual([['parsing', 'searchable'], ['parsing']])
    expect(next.pages[1]).toBe(list.pages[1])
  })

  it('loses it at once where its filter no longer shows it', () => {
    const next = replaceDocument(list, item(2, 'searchable'), { state: 'parsing' })
    expect(statesOf(next)).toEqual([['parsing'], ['parsing']])
    expect(isListed(next, idOf(2))).toBe(false)
    expect(isListed(replaceDocument(list, item(2, 'parsing', 'text/plain'), { mediaType: 'text/csv' }), idOf(2))).toBe(
      false,
    )
    expect(isListed(replaceDocument(list, item(2, 'parsing'), { mediaType: 'text/csv', state: null }), idOf(2))).toBe(
      true,
    )
  })

  it('reads its filter from the key of its query', () => {
    const key = [['documents', 'list'], { input: { limit: 50, state: 'failed', mediaType: null }, type: 'infinite' }]
    expect(listFilterOf(key)).toMatchObject({ state: 'failed', mediaType: null })
    expect(listFilterOf([['documents', 'list']])).toEqual({})
  })
})
