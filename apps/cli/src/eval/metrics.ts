/** Judgements of one query: document id → gain; a gain of 0 or less is not relevant. */
export type Judgements = ReadonlyMap<string, number>
/** What was retrieved for one query, in any order. */
export type Retrieved = readonly (readonly [documentId: string, score: number])[]

export interface Metrics {
  readonly ndcg10: number
  readonly recall10: number
  readonly recall100: number
  readonly mrr10: number
}

/** The rank that the figures are named after, and the depth of a run. */
const TOP = 10
const DEPTH = 100

/**
 * Puts results into the order in which trec_eval (github.com/usnistgov/trec_eval, form_res_rels.c) counts them: score
 * descending as a 32-bit float, ties by document id descending, whatever order they came in. A repeated id counts once.
 */
export function rank(retrieved: Retrieved): string[] {
  const best = new Map<string, number>()
  for (const [id, score] of retrieved) {
    const single = Math.fround(score)
    if (single > (best.get(id) ?? Number.NEGATIVE_INFINITY)) best.set(id, single)
  }
  return [...best].toSorted(([a, x], [b, y]) => y - x || compareBytes(b, a)).map(([id]) => id)
}

/** trec_eval compares with strcmp, so by UTF-8 bytes. */
const compareBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** nDCG with linear gains and a log2 discount, as trec_eval's ndcg_cut. 0 when nothing is relevant. */
export function ndcg(ranking: readonly string[], judgements: Judgements, cut: number): number {
  const dcg = (gains: readonly number[]) =>
    gains.slice(0, cut).reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0)
  const ideal = [...judgements.values()].filter((gain) => gain > 0).toSorted((a, b) => b - a)
  if (ideal.length === 0) return 0
  return dcg(ranking.map((id) => Math.max(0, judgements.get(id) ?? 0))) / dcg(ideal)
}

/** Share of the relevant documents among the first `cut`. */
export function recall(ranking: readonly string[], judgements: Judgements, cut: number): number {
  const relevant = [...judgements].filter(([, gain]) => gain > 0).length
  if (relevant === 0) return 0
  return ranking.slice(0, cut).filter((id) => (judgements.get(id) ?? 0) > 0).length / relevant
}

/** 1 / rank of the first relevant document among the first `cut`, else 0. */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements, cut: number): number {
  const at = ranking.slice(0, cut).findIndex((id) => (judgements.get(id) ?? 0) > 0)
  return at === -1 ? 0 : 1 / (at + 1)
}

/**
 * Means over every judged query (trec_eval -c): one for which nothing was retrieved counts 0.
 * Both maps are keyed by query id. Throws RangeError when there is no judgement at all.
 */
export function evaluate(run: ReadonlyMap<string, Retrieved>, judgements: ReadonlyMap<string, Judgements>): Metrics {
  if (judgements.size === 0) throw new RangeError('There are no judgements to measure against.')
  const sum = { ndcg10: 0, recall10: 0, recall100: 0, mrr10: 0 }
  for (const [queryId, judged] of judgements) {
    const ranking = rank(run.get(queryId) ?? [])
    sum.ndcg10 += ndcg(ranking, judged, TOP)
    sum.recall10 += recall(ranking, judged, TOP)
    sum.recall100 += recall(ranking, judged, DEPTH)
    sum.mrr10 += reciprocalRank(ranking, judged, TOP)
  }
  const mean = (total: number) => total / judgements.size
  return {
    ndcg10: mean(sum.ndcg10),
    recall10: mean(sum.recall10),
    recall100: mean(sum.recall100),
    mrr10: mean(sum.mrr10),
  }
}
