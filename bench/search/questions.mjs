import { SEED_EMBEDDING, createRandom, seedVector } from '../../packages/rag/src/seed/index.ts'

/** Words of a question: a name that somebody types, up to a whole sentence. */
const SHORTEST = 2
const LONGEST = 12
/** As an endpoint's model has; the vectors then decide as much as the words. */
const WEIGHT = 0.5

/**
 * Questions that an organisation's passages answer: some words in a row of a sentence out of them, with their vector.
 *
 * @param {import('@quarry/db').TenantDb} tenantDb
 * @param {string} orgId
 * @param {number} count
 * @returns {Promise<{ query: string, vector: object }[]>}
 */
export const questionsOf = async (tenantDb, orgId, count) => {
  const random = createRandom(`questions of ${orgId}`)
  const rows = await tenantDb.tx(
    (tx) =>
      tx.execute(`select substr(p.text, 1, 4000) as text from document_page p
        join document d on d.org_id = p.org_id and d.live_version_id = p.version_id
        where p.org_id = '${orgId}' order by md5(p.version_id::text || p.ordinal) limit 200`),
    { timeoutMs: 60_000 },
  )
  return Array.from({ length: count }, () => {
    const { text } = random.pick(rows)
    const sentence = random.pick(text.split(/(?<=\.)\s+/).filter((part) => part.split(' ').length > LONGEST))
    const words = sentence.split(/\s+/)
    const length = random.between(SHORTEST, LONGEST)
    const from = random.integer(words.length - length + 1)
    const query = words.slice(from, from + length).join(' ')
    return { query, vector: { model: SEED_EMBEDDING.id, vector: seedVector(query), weight: WEIGHT, floor: null } }
  })
}
