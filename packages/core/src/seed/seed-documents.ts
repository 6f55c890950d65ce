import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { sql } from 'drizzle-orm'
import { blobKeyOf, type BlobStore } from '@quarry/blobs'
import { collectionId, documentId, versionId, type CollectionId } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import { COINED, createRandom, seededId, writeDocument, writeText, type Random } from '@quarry/rag/seed'
import type { Source } from './seed-conversations.ts'
import type { SeededPerson } from './seed-people.ts'
import { shareOut } from './sizes.ts'

export interface SeededCollection {
  readonly id: CollectionId
  readonly restricted: boolean
}

/** What of the documents lies where. Those who manage see the last one, and a few who are granted it. */
const COLLECTIONS = [
  { name: 'Handbooks', share: 0.6, restricted: false },
  { name: 'Projects', share: 0.25, restricted: false },
  { name: 'Board', share: 0.15, restricted: true },
] as const
const DAY_MS = 24 * 3600_000
const DAYS = 200

export async function seedCollections(
  tenantDb: TenantDb,
  random: Random,
  people: readonly SeededPerson[],
  at: number,
): Promise<SeededCollection[]> {
  const { orgId } = tenantDb.actor
  const createdBy = people[0]?.userId ?? null
  const collections = COLLECTIONS.map(({ name, restricted }) => ({
    ...{ orgId, id: seededId(random, at), name, createdBy, createdAt: new Date(at) },
    visibility: restricted ? ('restricted' as const) : ('organisation' as const),
  }))
  // Every third of those who do not see it anyway.
  const granted = people.filter(({ role }, i) => (role === 'member' || role === 'viewer') && i % 3 === 2)
  await tenantDb.tx(async (tx) => {
    await tx.insert(schema.collection).values(collections)
    const grants = collections
      .filter(({ visibility }) => visibility === 'restricted')
      .flatMap(({ id }) =>
        granted.map(({ userId }) => ({
          ...{ orgId, collectionId: id, granteeKind: 'user' as const, granteeId: userId, grantedBy: createdBy },
        })),
      )
    if (grants.length > 0) await tx.insert(schema.collectionGrant).values(grants)
  })
  return collections.map(({ id, visibility }) => ({
    id: collectionId.parse(id),
    restricted: visibility === 'restricted',
  }))
}

export interface DocumentPlan {
  readonly chunks: number
  readonly documents: number
  readonly at: number
  /** Documents that are written at the same time. */
  readonly lanes: number
  /** null: without their files. */
  readonly blobs: BlobStore | null
  readonly signal: AbortSignal
  readonly written: (chunks: number) => void
}

/** Writes an organisation's documents; returns a sentence of each that all of its people may read. */
export async function seedDocuments(
  tenantDb: TenantDb,
  random: Random,
  collections: readonly SeededCollection[],
  people: readonly SeededPerson[],
  plan: DocumentPlan,
): Promise<Source[]> {
  const { orgId } = tenantDb.actor
  const name = `${orgId} documents`
  const names = random.integer(COINED)
  // Some are long, most are short.
  const sizes = shareOut(
    plan.chunks,
    Array.from({ length: plan.documents }, () => 0.2 + random.next() ** 3),
  )
  const perCollection = shareOut(
    plan.documents,
    COLLECTIONS.map(({ share }) => share),
  )
  const places = perCollection.flatMap((count, i) => Array.from({ length: count }, () => collections[i]))
  const sources: (Source | null)[] = []
  let next = 0
  const lane = async () => {
    for (;;) {
      plan.signal.throwIfAborted()
      const number = next++
      const size = sizes[number]
      if (size === undefined) return
      // A stream of its own: what is in it does not depend on which lane was faster.
      const own = createRandom(`${name} ${number}`)
      const text = writeText(own, size, names, number + 1)
      const at = plan.at + own.integer(DAYS * DAY_MS)
      const place = places[number] ?? collections[0]
      if (place === undefined) throw new Error('no collection for a document')
      const document = {
        ...{ documentId: documentId.parse(seededId(own, at)), versionId: versionId.parse(seededId(own, at)), text },
        ...{ collectionId: place.id, createdBy: own.pick(people).userId, createdAt: new Date(at) },
        blobKey: plan.blobs === null ? null : await store(plan.blobs, orgId, text.markdown),
      }
      const { chunks, quotable } = await writeDocument(tenantDb, document)
      sources[number] = place.restricted ? null : { document, quotable }
      plan.written(chunks)
    }
  }
  await Promise.all(Array.from({ length: plan.lanes }, lane))
  await countIndex(tenantDb)
  return sources.filter((source) => source !== null)
}

const store = async (blobs: BlobStore, orgId: string, text: string) => {
  const bytes = Buffer.from(text)
  const key = blobKeyOf(orgId, createHash('sha256').update(bytes).digest('hex'))
  await blobs.put(key, Readable.from([bytes]))
  return key
}

/** What publishing counts for each document, once for all of them. */
const countIndex = (tenantDb: TenantDb) =>
  tenantDb.tx(
    async (tx) => {
      const { orgId } = tenantDb.actor
      await tx.execute(sql`
        insert into collection_stat (org_id, collection_id, language, chunks, length)
        select org_id, collection_id, language, count(*)::integer, sum(token_count)::bigint from chunk
        where org_id = ${orgId}::uuid group by org_id, collection_id, language`)
      await tx.execute(sql`
        update collection c set index_version = (
          select count(*) from document d where d.org_id = c.org_id and d.collection_id = c.id)
        where c.org_id = ${orgId}::uuid`)
    },
    { timeoutMs: 120_000 },
  )
