import { sql, type SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { AppError, type Page } from '@quarry/contracts'
import { z } from 'zod'

const position = z.tuple([z.string().regex(/^[0-9 :.+-]{10,40}$/), z.uuid()])

/** `at` is Postgres' own text of a timestamptz: a JavaScript Date would cut the microseconds and skip rows. */
export const encodeCursor = (at: string, id: string): string =>
  Buffer.from(JSON.stringify([at, id])).toString('base64url')

/** Throws AppError('invalid_input') for anything that `encodeCursor` did not make. */
export const decodeCursor = (cursor: string): { at: string; id: string } => {
  try {
    const [at, id] = position.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { at, id }
  } catch (cause) {
    throw new AppError('invalid_input', { details: { fields: { cursor: ['is not a cursor of this list'] } }, cause })
  }
}

/** Rows after `cursor` in the order (`at` desc, `id` desc). */
export const afterCursor = (cursor: string | null | undefined, at: PgColumn, id: PgColumn): SQL | undefined => {
  if (cursor == null) return undefined
  const from = decodeCursor(cursor)
  return sql`(${at}, ${id}) < (${from.at}::timestamptz, ${from.id}::uuid)`
}

/** Cuts the one row too many that says there is a next page. */
export const toPage = <Row extends { cursorAt: string; id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(toItem),
    nextCursor: rows.length > limit && last ? encodeCursor(last.cursorAt, last.id) : null,
  }
}
