import { AppError, type OrgId } from '@quarry/contracts'
import { detectLanguage } from '../analyse/language.ts'
import type { EmbeddingModel } from './embedding-model.ts'

/** What a search by meaning needs, besides the stored vectors. */
export interface QueryVector {
  /** Only vectors of this model are compared with it. */
  readonly model: string
  readonly vector: readonly number[]
  /** See EmbeddingModel. */
  readonly weight: number
  readonly floor: number | null
}

export interface QueryEmbedder {
  /**
   * The vector of a query, or null where search is to go by words alone: the model does not know the query's language,
   * or does not answer in time. Never throws. To be called before the transaction that searches. `onAway` is called in the
   * second case: the same query may well go by meaning in a while.
   */
  vectorOf(orgId: OrgId, query: string, onAway?: () => void): Promise<QueryVector | null>
}

/** As-you-type queries of an organisation's people; 512 numbers each, so two megabytes. */
const REMEMBERED = 500
/** A failing endpoint is asked again after so long: until then no search waits for it. */
const PAUSE_AFTER_FAILURE_MS = 10_000
/** A slow one may only be starting, as the built-in one does with the first query. */
const PAUSE_AFTER_TIMEOUT_MS = 1_000

/** @param onError told what went wrong, at most once a pause. */
export function createQueryEmbedder(
  model: EmbeddingModel,
  onError: (error: unknown) => void,
  now: () => number = () => performance.now(),
): QueryEmbedder {
  const remembered = new Map<string, QueryVector>()
  let pausedUntil = Number.NEGATIVE_INFINITY

  const ask = async (query: string): Promise<QueryVector> => {
    const signal = AbortSignal.timeout(model.queryTimeoutMs)
    const [vector] = await model.embed([query], { signal })
    const { id } = await model.identity({ signal })
    if (vector === undefined) throw new AppError('model_unavailable')
    return { model: id, vector, weight: model.weight, floor: model.floor }
  }

  return {
    async vectorOf(orgId, query, onAway = () => {}) {
      const text = query.toWellFormed().normalize('NFKC').replace(/\s+/gu, ' ').trim()
      if (!/[\p{L}\p{N}]/u.test(text) || !model.knows(detectLanguage(text))) return null
      // One organisation's queries must not show in how fast another one's are answered.
      const key = `${orgId}:${text}`
      const known = remembered.get(key)
      if (known !== undefined) {
        remembered.delete(key)
        remembered.set(key, known)
        return known
      }
      if (now() < pausedUntil) {
        onAway()
        return null
      }
      try {
        const vector = await ask(text)
        remembered.set(key, vector)
        const oldest = remembered.keys().next().value
        if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest)
        return vector
      } catch (error) {
        pausedUntil = now() + (isTimeout(error) ? PAUSE_AFTER_TIMEOUT_MS : PAUSE_AFTER_FAILURE_MS)
        onError(error)
        onAway()
        return null
      }
    },
  }
}

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError'
