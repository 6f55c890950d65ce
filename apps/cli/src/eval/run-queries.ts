import type { Collection } from '@quarry/contracts'
import { forEachConcurrently } from '../concurrency.ts'
import type { Connection } from '../server/connection.ts'
import { withRetry } from '../server/retry.ts'
import type { Dataset } from './dataset.ts'
import { pathOf } from './markdown.ts'
import type { Retrieved } from './metrics.ts'

/** Enough to keep the server busy without measuring the queue in front of it. */
const PARALLEL_QUERIES = 4
/** Depth of a run: Recall@100 needs no more, and the API gives no more in one call. */
const DEPTH = 100
/** The API takes no longer ones; test sets whose queries are whole arguments have some. */
const LONGEST_QUERY = 2000

export interface QueryRun {
  /** Query id → documents with their best passage's score, best first, 100 at most. */
  readonly rankings: ReadonlyMap<string, Retrieved>
  /** One per query, over HTTP. */
  readonly latenciesMs: readonly number[]
}

/** Asks every query of the set, in one collection. */
export const runQueries = async (
  { api, signal }: Connection,
  collection: Collection,
  dataset: Dataset,
  onProgress: (done: number) => void,
): Promise<QueryRun> => {
  const idOfPath = new Map(dataset.documents.map((document) => [pathOf(document), document.id]))
  const rankings = new Map<string, Retrieved>()
  const latenciesMs: number[] = []
  await forEachConcurrently(dataset.queries, PARALLEL_QUERIES, async ({ id, text }) => {
    const { hits } = await withRetry(async () => {
      const start = performance.now()
      const answer = await api.search.query.query({
        query: text.slice(0, LONGEST_QUERY),
        limit: DEPTH,
        collectionIds: [collection.id],
        perDocument: true,
      })
      latenciesMs.push(performance.now() - start)
      return answer
    }, signal)
    rankings.set(id, bestPerDocument(hits, idOfPath))
    onProgress(rankings.size)
  })
  return { rankings, latenciesMs }
}

/** A document counts by its best passage. `hits` come best first. */
export const bestPerDocument = (
  hits: readonly { readonly document: string; readonly score: number }[],
  idOfPath: ReadonlyMap<string, string>,
): Retrieved => {
  const best = new Map<string, number>()
  for (const { document, score } of hits) {
    const id = idOfPath.get(document)
    if (id !== undefined && !best.has(id)) best.set(id, score)
  }
  return [...best]
}
