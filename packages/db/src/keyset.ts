import { sql, type AnyColumn, type SQL } from 'drizzle-orm'
import { AppError, type Page } from '@quarry/contracts'

/** The place of a row in a list: its moment, in microseconds as Postgres keeps it, and its id, which breaks ties. */
export interface KeysetPosition {
  readonly at: string
  readonly id: string
}

/** To select beside the row, and to pass to `pageOfRows`. A Date would lose the microseconds, and with them rows. */
export const keysetMoment = (column: AnyColumn): SQL<string> =>
  sql<string>`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/**
 * The rows that come after `cursor` in a list ordered by `(moment, id)` descending, newest first; undefined for the
 * first page. One row comparison, so that the index on both answers it. Throws AppError('invalid_input') for a cursor
 * that this did not make.
 */
export const keysetAfter = (moment: AnyColumn, id: AnyColumn, cursor: string | null | undefined): SQL | undefined => {
  if (cursor === null || cursor === undefined) return undefined
  const position = decodeCursor(cursor)
  return sql`(${moment}, ${id}) < (${position.at}::timestamptz, ${position.id}::uuid)`
}

/** The same in a query that is built once: with the values that `keysetValues` makes of a cursor. */
export const keysetAfterPlaceholders = (moment: AnyColumn, id: AnyColumn): SQL =>
  sql`(${moment}, ${id}) < (${sql.placeholder('cursorAt')}::timestamptz, ${sql.placeholder('cursorId')}::uuid)`

/** Throws AppError('invalid_input') for a cursor that this did not make. */
export const keysetValues = (cursor: string): { cursorAt: string; cursorId: string } => {
  const { at, id } = decodeCursor(cursor)
  return { cursorAt: at, cursorId: id }
}

/**
 * A page out of rows that were read with `limit + 1`: the row too many says that there is a next page. `position` gives
 * a row's moment (as `keysetMoment` selected it) and id.
 */
export const pageOfRows = <Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => KeysetPosition,
  item: (row: Row) => Item,
): Page<Item> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown.map(item),
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null,
  }
}

/** Opaque to clients: what is in it may change. */
export const encodeCursor = (position: KeysetPosition): string =>
  Buffer.from(JSON.stringify([position.at, position.id])).toString('base64url')

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const decodeCursor = (cursor: string): KeysetPosition => {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(parts) && parts.length === 2) {
      const [at, id]: unknown[] = parts
      if (
        typeof at === 'string' &&
        MOMENT.test(at) &&
        !Number.isNaN(Date.parse(at)) &&
        typeof id === 'string' &&
        UUID.test(id)
      )
        return { at, id }
    }
  } catch {
    // Told below, like every other cursor that is not ours.
  }
  throw new AppError('invalid_input', { message: 'The cursor is not valid.' })
}
