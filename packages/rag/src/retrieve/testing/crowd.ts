import { documentId, versionId, type OrgId } from '@quarry/contracts'
import { ensureEmbeddingIndex, newId, PARTITIONS } from '@quarry/db'
import { createCollection, createTenant, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import type { QueryVector } from '../../embed/query-embedder.ts'
import {
  createRandom,
  SEED_EMBEDDING,
  seedVector,
  writeDocument,
  writeText,
  type SeedDocument,
} from '../../seed/index.ts'

/** Passages of the small organisation. */
const SMALL = 50
/** No passage has any of these words: only its vector finds it. */
export const NO_WORDS = 'xqzwv'
const QUESTIONS = ['the damaged pump in the harbour', 'who approves the invoice', 'annual inspection of the roof']
/** A vector beside the question's with this much of another direction is at a cosine of .96; what answers it, at .5. */
const ASIDE = 0.3
const ROWS_PER_INSERT = 500

/** A small organisation, and another one whose vectors lie in the same part of the same index. */
export interface Crowd {
  readonly small: TestTenant
  /** As small, in another part of the index: nobody crowds it. */
  readonly alone: TestTenant
  readonly questions: readonly QueryVector[]
  /** Gives the other organisation so many passages that are nearer each question than any of the small one's, and makes the index. */
  crowdIn(count: number): Promise<void>
}

export async function createCrowd(database: TestDatabase): Promise<Crowd> {
  const small = await createTenant(database)
  const others = await organisationIn(database, small.orgId, true)
  const alone = await organisationIn(database, small.orgId, false)
  for (const tenant of [small, alone])
    await writeDocument(tenant.as(tenant.system), {
      ...(await placeFor(tenant)),
      text: writeText(createRandom('small'), SMALL, 1, 1),
    })
  await database.owner`
    insert into collection_stat (org_id, collection_id, language, chunks, length)
    select org_id, collection_id, language, count(*), sum(token_count) from chunk group by 1, 2, 3`
  const random = createRandom('crowd')
  const place = await placeFor(others)
  await writeDocument(others.as(others.system), { ...place, text: writeText(random, 1, 2, 2) })
  const questions = QUESTIONS.map((text) => ({
    model: SEED_EMBEDDING.id,
    vector: seedVector(text),
    weight: 1,
    floor: null,
  }))
  return {
    small,
    alone,
    questions,
    crowdIn: async (count) => {
      for (let from = 0; from < count; from += ROWS_PER_INSERT) {
        const rows = Array.from({ length: Math.min(ROWS_PER_INSERT, count - from) }, (_, i) => {
          const question = questions[(from + i) % questions.length]?.vector ?? []
          const aside = question.map(() => random.next() * 2 - 1)
          const length = Math.hypot(...aside)
          return { ordinal: 1_000 + from + i, vector: question.map((x, d) => x + (ASIDE * (aside[d] ?? 0)) / length) }
        })
        const text = JSON.stringify(rows.map(({ ordinal, vector }) => ({ ordinal, vector: `[${vector.join(',')}]` })))
        await database.owner`
          insert into chunk_embedding (org_id, model, version_id, ordinal, window_ordinal, collection_id, text_hash, embedding)
          select ${others.orgId}, ${SEED_EMBEDDING.id}, ${place.versionId}, r.ordinal, 0, ${place.collectionId}, r.ordinal::text, r.vector::halfvec
          from jsonb_to_recordset(${text}::text::jsonb) as r(ordinal int, vector text)`
      }
      await database.owner`analyze chunk_embedding`
      await ensureEmbeddingIndex(database.adapter, SEED_EMBEDDING.id, SEED_EMBEDDING.dimension)
    },
  }
}

async function placeFor(tenant: TestTenant): Promise<Omit<SeedDocument, 'text'>> {
  if (tenant.owner.kind !== 'user') throw new TypeError('an owner is a person')
  return {
    documentId: documentId.parse(newId()),
    versionId: versionId.parse(newId()),
    collectionId: await createCollection(tenant),
    createdBy: tenant.owner.id,
    createdAt: new Date(),
    blobKey: null,
  }
}

/** An organisation in the same partition, as one in eight is, or in another. */
async function organisationIn(database: TestDatabase, orgId: OrgId, isSame: boolean): Promise<TestTenant> {
  const given = await partitionOf(database, orgId)
  for (;;) {
    const tenant = await createTenant(database)
    if (((await partitionOf(database, tenant.orgId)) === given) === isSame) return tenant
  }
}

async function partitionOf({ owner }: TestDatabase, orgId: OrgId): Promise<number> {
  const rows = await owner<{ part: number }[]>`
    select part from generate_series(0, ${PARTITIONS - 1}::int) as part
    where satisfies_hash_partition('chunk_embedding'::regclass, ${PARTITIONS}::int, part, ${orgId}::uuid)`
  return rows[0]?.part ?? -1
}
