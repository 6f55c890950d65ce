/**
 * The same value as Postgres can hold it: a model may send U+0000, which no text and no jsonb takes, and half of a
 * surrogate pair, which jsonb refuses (PostgreSQL manual, 8.14). `value` is JSON.
 */
export const storable = <T>(value: T): T =>
  JSON.parse(JSON.stringify(value), (_key, part: unknown) =>
    typeof part === 'string' ? part.replaceAll('\u0000', '').toWellFormed() : part,
  ) as T
