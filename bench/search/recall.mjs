import { filtersOf } from '../../packages/rag/src/retrieve/filters.ts'
import { nearMethod } from '../../packages/rag/src/retrieve/near-method.ts'
import { analyseQuery } from '../../packages/rag/src/retrieve/query-terms.ts'
import { rankHybrid } from '../../packages/rag/src/retrieve/rank-hybrid.ts'

const LIMIT = 10
const EXACTLY = { method: { kind: 'exact' }, mostPostings: Number.MAX_SAFE_INTEGER }
/** Of a large organisation an exact search takes a tenth of a second. */
const MOST_QUESTIONS = 100

/**
 * How much of the ten best of an exact search (every vector compared, every posting counted) the product finds.
 *
 * @returns {Promise<{ method: string, recall: number, nearest: number }>} `recall` by words and meaning, `nearest` by
 *   meaning alone
 */
export const recallOf = async ({ tenantDb, questions }) => {
  const { orgId } = tenantDb.actor
  const found = { both: 0, meaning: 0 }
  let method = ''
  const asked = questions.slice(0, MOST_QUESTIONS)
  for (const { query, vector } of asked)
    await tenantDb.tx(
      async (tx) => {
        const filters = filtersOf({ query, limit: LIMIT })
        const analysed = await analyseQuery(tx, orgId, query, null, vector.model)
        method = nearMethod(analysed.chunks, vector.vector.length, analysed.vectorIndex).kind
        const best = async (weight, options) => {
          const given = { ...vector, weight }
          const { passages } = await rankHybrid(tx, orgId, analysed, given, filters, LIMIT, false, options)
          return passages.map(({ versionId, ordinal }) => `${versionId}:${ordinal}`)
        }
        found.both += overlap(await best(vector.weight), await best(vector.weight, EXACTLY))
        found.meaning += overlap(await best(1), await best(1, EXACTLY))
      },
      { timeoutMs: 60_000 },
    )
  const share = (sum) => Number((sum / asked.length).toFixed(4))
  return { method, recall: share(found.both), nearest: share(found.meaning) }
}

const overlap = (found, exact) => {
  const there = new Set(found)
  return exact.filter((one) => there.has(one)).length / Math.max(1, exact.length)
}
