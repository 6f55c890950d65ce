import { PgDialect } from 'drizzle-orm/pg-core'
import { expect, test } from 'vitest'
import { AppError } from '@quarry/contracts'
import { encodeCursor, keysetAfter, pageOfRows } from './keyset.ts'
import { document } from './schema/index.ts'

const rows = Array.from({ length: 5 }, (_, i) => ({
  at: `2026-11-23T09:00:00.00000${i}Z`,
  id: `00000000-0000-7000-8000-00000000000${i}`,
}))

test('a page has a cursor only when there is more, and it leads behind the last row shown', () => {
  const page = pageOfRows(
    rows,
    4,
    (row) => row,
    (row) => row.id,
  )
  expect(page.items).toHaveLength(4)
  expect(page.nextCursor).toBe(encodeCursor(rows[3]!))
  expect(
    pageOfRows(
      rows,
      5,
      (row) => row,
      (row) => row.id,
    ).nextCursor,
  ).toBeNull()
  expect(
    pageOfRows(
      [],
      5,
      (row: (typeof rows)[0]) => row,
      (row) => row.id,
    ),
  ).toEqual({ items: [], nextCursor: null })
})

test('the condition is one row comparison with both values as parameters', () => {
  const condition = keysetAfter(document.createdAt, document.id, encodeCursor(rows[2]!))
  const query = new PgDialect().sqlToQuery(condition!)
  expect(query.sql).toBe('("document"."created_at", "document"."id") < ($1::timestamptz, $2::uuid)')
  expect(query.params).toEqual([rows[2]!.at, rows[2]!.id])
  expect(keysetAfter(document.createdAt, document.id, null)).toBeUndefined()
})

test.each([
  '',
  'x',
  'bnVsbA',
  Buffer.from('["2026-13-45T99:00:00.000000Z","00000000-0000-7000-8000-000000000000"]').toString('base64url'),
  Buffer.from(`["2026-11-23T09:00:00.000000Z","'; drop table document"]`).toString('base64url'),
  Buffer.from('[1,2]').toString('base64url'),
])('a cursor that is not ours is refused: %j', (cursor) => {
  expect(() => keysetAfter(document.createdAt, document.id, cursor)).toThrow(AppError)
})
