import { retrieve } from '../../packages/rag/src/index.ts'

/** Connections, their caches and the pages of the index: as after the first minute of a day. */
const WARM_UP = 5

/**
 * Asks every question once, the organisations in turns, so that none has the caches to itself.
 *
 * @param {import('@quarry/db').Database} database with as many connections
 * @param {{ organisation: object, tenantDb: import('@quarry/db').TenantDb, questions: { query: string, vector: object }[] }[]} asked
 * @param {number} concurrency searches at a time
 * @returns {Promise<number[][]>} milliseconds, per organisation
 */
export const timeSearches = async (database, asked, concurrency) => {
  const millis = asked.map(() => [])
  const search = async ({ tenantDb }, { query, vector }) => {
    const began = performance.now()
    const hits = await retrieve(
      database.tenant(tenantDb.actor),
      { query, limit: 10 },
      { embedder: { vectorOf: () => Promise.resolve(vector) } },
    )
    if (hits.length !== 10) throw new Error(`${hits.length} hits in place of 10 for “${query}”`)
    return performance.now() - began
  }
  const turns = Math.max(...asked.map(({ questions }) => questions.length))
  const todo = Array.from({ length: turns }, (_, turn) =>
    asked.flatMap(({ questions }, i) => (questions[turn] === undefined ? [] : [{ i, question: questions[turn] }])),
  ).flat()
  for (const one of asked) for (const question of one.questions.slice(0, WARM_UP)) await search(one, question)
  let next = 0
  const lane = async () => {
    for (let work = todo[next++]; work !== undefined; work = todo[next++])
      millis[work.i].push(await search(asked[work.i], work.question))
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return millis
}
