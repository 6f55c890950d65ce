/** Sent so often a statement is worth a name: PostgreSQL then keeps it parsed, and it takes one round trip instead of two. */
const OFTEN = 20
/** A connection keeps each name for its life, at some ten kilobytes: lists of any length must not fill a server. */
const MOST_NAMES = 64
/** Texts that are counted; beyond that counting starts anew. */
const MOST_COUNTED = 2_000

const counts = new Map<string, number>()
const named = new Set<string>()

/**
 * Whether a statement should have a name. Only what Drizzle builds of columns and keys: its plan hardly depends on the
 * values. A search, written by hand, is planned for its very words and its organisation each time.
 */
export const isFrequent = (text: string): boolean => {
  if (named.has(text)) return true
  if (named.size >= MOST_NAMES || !text.startsWith('select "')) return false
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
