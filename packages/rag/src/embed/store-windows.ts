import { and, eq, inArray, ne, sql } from 'drizzle-orm'
import type { VersionId } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb, type TenantTx } from '@quarry/db'
import { json, rowsOf } from '../retrieve/rows.ts'
import { vectorText } from './vector-text.ts'

const { chunkEmbedding, documentVersion } = schema

/** A window that has no vector yet. */
export interface NewWindow {
  /** The chunk's ordinal. */
  readonly ordinal: number
  readonly window: number
  readonly hash: string
  readonly text: string
}

export interface LiveVersion {
  readonly documentId: string
  readonly collectionId: string
  readonly language: string
  readonly chunkCount: number
}

/**
 * The version, if it is the live one of its document; it stays so until the end of the transaction, because publishing
 * and deleting lock the document first, too. The first statement of every transaction that writes for it.
 */
export async function holdVersion(tx: TenantTx, orgId: string, versionId: VersionId): Promise<LiveVersion | null> {
  const [row] = await rowsOf<LiveVersion>(
    tx,
    sql`select d.id as "documentId", d.collection_id as "collectionId", coalesce(v.language, 'simple') as language,
          coalesce(v.chunk_count, 0) as "chunkCount"
        from document_version v join document d on d.org_id = ${orgId} and d.id = v.document_id
        where v.org_id = ${orgId} and v.id = ${versionId} and v.state = 'searchable' and d.live_version_id = v.id
        for share of d`,
  )
  return row ?? null
}

/** Whether the organisation has this version, live or not. */
export async function isVersion(tx: TenantTx, orgId: string, versionId: VersionId): Promise<boolean> {
  const rows = await rowsOf(tx, sql`select 1 from document_version where org_id = ${orgId} and id = ${versionId}`)
  return rows.length > 0
}

export interface WindowBatch {
  readonly versionId: VersionId
  readonly model: string
  readonly batch: readonly NewWindow[]
  /** By hash; what is not in here is copied from the organisation's other vectors. */
  readonly vectors: ReadonlyMap<string, readonly number[]>
  /** 0–99 */
  readonly progress: number
  /** Whether readers of the list are to be told. */
  readonly tell: boolean
}

/** Writes vectors in one short transaction. Returns the windows that have one now; null when the version is not live. */
export const storeWindows = (
  tenantDb: TenantDb,
  { versionId, model, batch, vectors, progress, tell }: WindowBatch,
): Promise<NewWindow[] | null> =>
  tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    const version = await holdVersion(tx, orgId, versionId)
    if (version === null) return null
    const rows = batch.map(({ ordinal, window, hash }) => {
      const vector = vectors.get(hash)
      return { ordinal, window, hash, vector: vector === undefined ? null : vectorText(vector) }
    })
    const written = await rowsOf<{ ordinal: number; window: number }>(
      tx,
      sql`with input as (
            select * from jsonb_to_recordset(${json(rows)}) as i(ordinal int, "window" int, hash text, vector text)),
          complete as (
            select i.ordinal, i."window", i.hash, coalesce(i.vector::halfvec, (
              select e.embedding from chunk_embedding e
              where e.org_id = ${orgId} and e.model = ${model} and e.text_hash = i.hash limit 1)) as embedding
            from input i)
          insert into chunk_embedding (org_id, model, version_id, ordinal, window_ordinal, collection_id, text_hash, embedding)
          select ${orgId}::uuid, ${model}, ${versionId}::uuid, ordinal, "window", ${version.collectionId}::uuid, hash, embedding
          from complete where embedding is not null
          on conflict (org_id, model, version_id, ordinal, window_ordinal)
            do update set text_hash = excluded.text_hash, embedding = excluded.embedding
          returning ordinal, window_ordinal as "window"`,
    )
    await tx
      .update(documentVersion)
      .set({ semantic: progress, semanticModel: model, updatedAt: sql`now()` })
      .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId)))
    if (tell) await emitSignal(tx, 'document', version.documentId)
    const keys = new Set(written.map(({ ordinal, window }) => `${ordinal}:${window}`))
    return batch.filter(({ ordinal, window }) => keys.has(`${ordinal}:${window}`))
  })

/** Windows of a kilobyte each that are deleted in one transaction: about 50 ms of the embedded database. */
const WINDOWS_PER_DELETION = 500

/** Deletes what the version has of other models, then says 100 %. False when it is no longer live. */
export async function finishVersion(
  tenantDb: TenantDb,
  versionId: VersionId,
  model: string,
  signal: AbortSignal,
): Promise<boolean> {
  await deleteVectors(tenantDb, [versionId], signal, model)
  return tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    const version = await holdVersion(tx, orgId, versionId)
    if (version === null) return false
    await tx
      .update(documentVersion)
      .set({ semantic: 100, semanticModel: model, updatedAt: sql`now()` })
      .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId)))
    // What is remembered of searches is as old as this number.
    await tx.execute(
      sql`update collection set index_version = index_version + 1 where org_id = ${orgId}::uuid and id = ${version.collectionId}::uuid`,
    )
    await emitSignal(tx, 'document', version.documentId)
    return true
  })
}

/** Says that the version has no semantic index with this model, and needs none. */
export const markWithout = (tenantDb: TenantDb, versionId: VersionId, model: string): Promise<void> =>
  tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    const version = await holdVersion(tx, orgId, versionId)
    if (version === null) return
    await tx
      .update(documentVersion)
      .set({ semantic: null, semanticModel: model, updatedAt: sql`now()` })
      .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId)))
    await emitSignal(tx, 'document', version.documentId)
  })

/** Deletes the vectors of versions, in short transactions; those of the model `except` stay. */
export async function deleteVectors(
  tenantDb: TenantDb,
  versionIds: readonly string[],
  signal: AbortSignal,
  except: string | null = null,
): Promise<void> {
  const { orgId } = tenantDb.actor
  if (versionIds.length === 0) return
  const own = and(
    eq(chunkEmbedding.orgId, orgId),
    inArray(chunkEmbedding.versionId, [...versionIds]),
    except === null ? undefined : ne(chunkEmbedding.model, except),
  )
  for (;;) {
    signal.throwIfAborted()
    const deleted = await tenantDb.tx(async (tx) => {
      const rows = await tx
        .select({ versionId: chunkEmbedding.versionId, ordinal: chunkEmbedding.ordinal })
        .from(chunkEmbedding)
        .where(own)
        .orderBy(chunkEmbedding.versionId, chunkEmbedding.ordinal)
        .limit(WINDOWS_PER_DELETION)
      const last = rows.at(-1)
      if (last === undefined) return 0
      await tx
        .delete(chunkEmbedding)
        .where(
          and(
            own,
            inArray(chunkEmbedding.versionId, [...new Set(rows.map((row) => row.versionId))]),
            sql`(${chunkEmbedding.versionId}, ${chunkEmbedding.ordinal}) <= (${last.versionId}::uuid, ${last.ordinal}::integer)`,
          ),
        )
      return rows.length
    })
    if (deleted < WINDOWS_PER_DELETION) return
  }
}
