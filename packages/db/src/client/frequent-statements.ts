import { sql } from 'drizzle-orm'

/**
 * After the first word of a statement written by hand whose text is the same each time, with lists as one parameter: it
 * may then have a name. Not for a search's own ranking, whose text hangs on model and filters.
 */
export const fixedText = sql.raw('/* fixed */')

/** Sent so often a statement is worth a name: PostgreSQL then keeps it parsed, and it takes one round trip instead of two. */
const OFTEN = 20
/** A connection keeps each name for its life, at some ten kilobytes: lists of any length must not fill a server. */
const MOST_NAMES = 128
/** Texts that are counted; beyond that counting starts anew. */
const MOST_COUNTED = 2_000

const CAN_HAVE_NAME = /^(?:(?:select|insert into|update|delete from) "|(?:select|with) \/\* fixed \*\/ )/

const counts = new Map<string, number>()
const named = new Set<string>()

/**
 * Whether a statement should have a name. Only what Drizzle builds of columns and keys, or what is marked with
 * `fixedText`: its plan hardly depends on the values. A ranking, written by hand, is planned for its very words and its
 * organisation each time.
 */
export const isFrequent = (text: string): boolean => {
  if (named.has(text)) return true
  if (named.size >= MOST_NAMES || !CAN_HAVE_NAME.test(text)) return false
  const count = (counts.get(text) ?? 0) + 1
  if (count < OFTEN) {
    if (counts.size >= MOST_COUNTED) counts.clear()
    counts.set(text, count)
    return false
  }
  counts.delete(text)
  named.add(text)
  return true
}
