import { setTimeout as delay } from 'node:timers/promises'
import type { Collection, EvalMode } from '@quarry/contracts'
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
/** It starts in a quarter of a second, in a few on a machine that is busy. */
const WARM_UP_MS = 5_000
const WARM_UP_PAUSE_MS = 250
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
  mode: EvalMode,
  onProgress: (done: number) => void,
): Promise<QueryRun> => {
  const idOfPath = new Map(dataset.documents.map((document) => [pathOf(document), document.id]))
  const rankings = new Map<string, Retrieved>()
  const latenciesMs: number[] = []
  // The server's embedding model starts with the first search, and a search does not wait for it: let it.
  if (mode === 'hybrid') await warmUp(api, collection, dataset)
  await forEachConcurrently(dataset.queries, PARALLEL_QUERIES, async ({ id, text }) => {
    const { hits } = await withRetry(async () => {
      const start = performance.now()
      const answer = await api.search.query.query({
        query: text.slice(0, LONGEST_QUERY),
        limit: DEPTH,
        collectionIds: [collection.id],
        perDocument: true,
        mode,
      })
      latenciesMs.push(performance.now() - start)
      return answer
    }, signal)
    rankings.set(id, bestPerDocument(hits, idOfPath))
    onProgress(rankings.size)
  })
  return { rankings, latenciesMs }
}

/** Searches until a second has gone by in which the model had time to start. */
const warmUp = async (api: Connection['api'], collection: Collection, { queries }: Dataset): Promise<void> => {
  const end = performance.now() + WARM_UP_MS
  for (let i = 0; performance.now() < end; i++) {
    const query = queries[i % queries.length]?.text.slice(0, LONGEST_QUERY) ?? 'warm'
    await api.search.query.query({ query, limit: 1, collectionIds: [collection.id] })
    await delay(WARM_UP_PAUSE_MS)
  }
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
