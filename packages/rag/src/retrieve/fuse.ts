/** A passage that one of both searches found, with what each says of it. */
export interface Candidate {
  readonly versionId: string
  /** The chunk's ordinal in its version. */
  readonly ordinal: number
  /** 0 when it has none of the query's words. */
  readonly bm25: number
  /** Of its nearest window; null when it has no vector of this model (yet). */
  readonly cosine: number | null
}

export interface RankedPassage {
  readonly versionId: string
  /** The chunk's ordinal in its version. */
  readonly ordinal: number
  readonly score: number
}

/**
 * One ranking out of two: `(1 - w) · bm25' + w · cosine'`, each brought to [0, 1] over the candidates (Bruch, Gai and
 * Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", 10.1145/3596512). BM25's least value is 0, for a
 * passage without any of the words; a cosine has none that means something, so the least of the candidates' is taken.
 * A passage without a vector counts by its words alone: it is neither lifted nor lowered against its like.
 *
 * @param floor see EmbeddingModel. @returns best first; ties by version and ordinal, so that a search repeats exactly.
 */
export function fuse(candidates: readonly Candidate[], weight: number, floor: number | null): RankedPassage[] {
  const most = Math.max(0, ...candidates.map(({ bm25 }) => bm25))
  const cosines = candidates.flatMap(({ cosine }) => (cosine === null ? [] : [cosine]))
  const least = Math.min(...cosines)
  const spread = Math.max(...cosines) - least
  return candidates
    .filter(({ bm25, cosine }) => bm25 > 0 || (cosine !== null && (floor === null || cosine >= floor)))
    .map(({ versionId, ordinal, bm25, cosine }) => {
      const words = most === 0 ? 0 : bm25 / most
      const meaning = cosine === null ? words : spread === 0 ? 1 : (cosine - least) / spread
      return { versionId, ordinal, score: (1 - weight) * words + weight * meaning }
    })
    .toSorted(byScore)
}

const byScore = (a: RankedPassage, b: RankedPassage) =>
  b.score - a.score || (a.versionId < b.versionId ? -1 : a.versionId > b.versionId ? 1 : a.ordinal - b.ordinal)

/** The first of each document, which has one live version. `ranked` is best first. */
export function bestOfEachDocument(ranked: readonly RankedPassage[]): RankedPassage[] {
  const seen = new Set<string>()
  return ranked.filter(({ versionId }) => !seen.has(versionId) && seen.add(versionId))
}
