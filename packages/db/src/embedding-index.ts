import { createHash } from 'node:crypto'
import { BUILT_IN_EMBEDDING, endpointIdentityOf, type DatabaseAdapter, type EmbeddingAdapter } from '@quarry/config'
import type postgres from 'postgres'
import { ownerClient } from './client/owner-client.ts'
import { takeSessionLock } from './session-lock.ts'

/** Parts of chunk, posting and chunk_embedding, by a hash of the organisation. */
export const PARTITIONS = 8
/** pgvector's HNSW index takes no longer half-precision vectors. */
const MOST_DIMENSIONS = 4_000
/** Any number of its own: two processes must not build the same index. */
const INDEX_LOCK = 727_002
/** An index of a million vectors takes nine minutes; whoever comes second has nothing to do afterwards. */
const OTHER_BUILD_MS = 3_600_000

/** One index per model: an expression index needs one dimension, and a search one model. */
export const embeddingIndexName = (model: string): string =>
  `chunk_embedding_hnsw_${createHash('sha256').update(model).digest('hex').slice(0, 12)}`

/**
 * Makes the indexes that the configured model's vectors are found by. The built-in model's from the first start on; an
 * endpoint's, whose dimension its first answer tells, from the first start after that. The embedded database has none:
 * building one takes it 3 ms a vector, in which nobody else is served.
 */
export const ensureEmbeddingIndexes = async (database: DatabaseAdapter, embedding: EmbeddingAdapter): Promise<void> => {
  if (database.kind === 'embedded' || embedding.kind === 'off') return
  if (embedding.kind === 'built-in') {
    await ensureEmbeddingIndex(database, BUILT_IN_EMBEDDING.id, BUILT_IN_EMBEDDING.dimension)
    return
  }
  for (const model of await modelsInUse(database)) {
    const identity = endpointIdentityOf(embedding, model)
    if (identity !== null) await ensureEmbeddingIndex(database, identity.id, identity.dimension)
  }
}

/**
 * Makes the HNSW index of one model, as the owner, without holding up writers. Does nothing where it is there, or for
 * more dimensions than an index can have. Interrupted, it goes on with the next call.
 */
export const ensureEmbeddingIndex = async (
  database: DatabaseAdapter,
  model: string,
  dimension: number,
): Promise<void> => {
  if (!Number.isInteger(dimension) || dimension < 1 || dimension > MOST_DIMENSIONS) return
  const sql = ownerClient(database)
  try {
    await takeSessionLock(sql, INDEX_LOCK, OTHER_BUILD_MS)
    const name = embeddingIndexName(model)
    const [index] = await sql<{ valid: boolean }[]>`
      select indisvalid as valid from pg_index where indexrelid = to_regclass(${`public.${name}`})`
    if (index?.valid === true) return
    const definition = `using hnsw ((embedding::halfvec(${dimension})) halfvec_cosine_ops) where model = ${literal(model)}`
    // pgvector before 0.8.2 writes wrong parallel builds.
    await sql.unsafe(`set max_parallel_maintenance_workers = 0`)
    await sql.unsafe(`set maintenance_work_mem = '256MB'`)
    await sql.unsafe(`create index if not exists ${name} on only chunk_embedding ${definition}`)
    for (let part = 0; part < PARTITIONS; part++) await attachPart(sql, name, part, definition)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Valid only as a whole: with its last part attached, the index itself becomes valid. */
const attachPart = async (sql: postgres.Sql, name: string, part: number, definition: string): Promise<void> => {
  const own = `${name}_p${part}`
  const [index] = await sql<{ valid: boolean; attached: boolean }[]>`
    select indisvalid as valid, exists (select from pg_inherits where inhrelid = indexrelid) as attached
    from pg_index where indexrelid = to_regclass(${`public.${own}`})`
  if (index?.attached === true) return
  // What an interrupted build left behind.
  if (index?.valid === false) await sql.unsafe(`drop index ${own}`)
  if (index?.valid !== true)
    await sql.unsafe(`create index concurrently ${own} on chunk_embedding_p${part} ${definition}`)
  await sql.unsafe(`alter index ${name} attach partition ${own}`)
}

/** The owner sees no row of a tenant; app_system sees which models made vectors. */
const modelsInUse = async (database: DatabaseAdapter): Promise<string[]> => {
  const sql = ownerClient(database)
  try {
    return await sql.begin(async (tx) => {
      await tx.unsafe('set local role app_system')
      const rows = await tx<{ model: string }[]>`
        select distinct semantic_model as model from document_version where semantic_model is not null`
      return rows.map((row) => row.model)
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
