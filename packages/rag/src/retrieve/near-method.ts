/** What is known, without counting, of the index that has an organisation's vectors among others'. */
export interface VectorIndex {
  /** Chunks and windows of all organisations in the partition, as the planner knows them. */
  readonly chunks: number
  readonly windows: number
}

/**
 * How the nearest vectors are found. `exact`: all that the caller may see are compared. `index`: the model's HNSW index,
 * which goes on through others' vectors until it has enough, or has looked at `mostLookedAt`. `none`: only the vectors of
 * passages that the words found are looked at.
 */
export type NearMethod =
  | { readonly kind: 'exact' }
  | { readonly kind: 'index'; readonly mostLookedAt: number }
  | { readonly kind: 'none' }

/** Windows taken from the index: several of one chunk may be among the nearest. */
export const FROM_INDEX = 150
/** Where nothing is known: a chunk of 200 to 380 words has about four windows of 60. */
const WINDOWS_PER_CHUNK = 4
/**
 * Numbers that are compared for one query where there is no index: windows × dimensions. The embedded database, in which
 * everybody else waits for it, compares 5,200 vectors of 512 in 40 ms.
 */
const MOST_COMPARED = 12_000_000
/** Finding one window in the index costs as much as comparing so many numbers, 16 vectors of 512: it looks at neighbours. */
const NUMBERS_PER_FOUND = 8_192
/** The index is entered through so many windows, wanted or not (`hnsw.ef_search`). */
export const EF_SEARCH = 200

/**
 * Chooses what costs least and still finds everything: an index gives others' vectors as well, the more the smaller the
 * organisation's share of its partition, so that comparing all of a few thousand is faster.
 *
 * @param chunks that the caller may see. @param index null where there is none for the model.
 */
export function nearMethod(
  chunks: number,
  dimension: number,
  index: VectorIndex | null,
  mostCompared: number = MOST_COMPARED,
): NearMethod {
  const perChunk = index !== null && index.chunks > 0 ? Math.max(1, index.windows / index.chunks) : WINDOWS_PER_CHUNK
  const windows = chunks * perChunk
  const compared = windows * dimension
  if (index === null) return { kind: compared <= mostCompared ? 'exact' : 'none' }
  const share = Math.min(1, windows / Math.max(1, index.windows))
  const found = Math.max(EF_SEARCH, FROM_INDEX / share)
  if (found * NUMBERS_PER_FOUND >= compared) return { kind: 'exact' }
  // What is asked for may lie behind more of others' than is usual: up to the cost of comparing all, which comes then.
  return { kind: 'index', mostLookedAt: Math.ceil(Math.max(4 * found, compared / NUMBERS_PER_FOUND)) }
}
