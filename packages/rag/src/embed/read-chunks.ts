import { sql } from 'drizzle-orm'
import type { VersionId } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { pageKey, readPages } from '../retrieve/passages.ts'
import { json, rowsOf } from '../retrieve/rows.ts'

export interface ChunkText {
  readonly ordinal: number
  readonly text: string
  readonly headingPath: readonly string[]
  readonly language: string
}

/** The next chunks of a version after an ordinal, with their texts, in order. */
export const readChunks = (
  tenantDb: TenantDb,
  versionId: VersionId,
  after: number,
  limit: number,
): Promise<ChunkText[]> =>
  tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    const rows = await rowsOf<Omit<ChunkText, 'text'> & { page: number; start: number; end: number }>(
      tx,
      sql`select ordinal, to_json(heading_path) as "headingPath", language, page_from as page, span_start as start, span_end as "end"
          from chunk where org_id = ${orgId} and version_id = ${versionId} and ordinal > ${after}
          order by ordinal limit ${limit}`,
    )
    const pages = await readPages(
      tx,
      orgId,
      rows.map(({ page }) => ({ versionId, ordinal: page })),
    )
    return rows.map(({ ordinal, headingPath, language, page, start, end }) => ({
      ...{ ordinal, headingPath, language },
      text: pages.get(pageKey({ versionId, ordinal: page }))?.slice(start, end) ?? '',
    }))
  })

/** `ordinal:window` → hash of what these chunks have vectors of. */
export const storedHashes = (
  tenantDb: TenantDb,
  versionId: VersionId,
  model: string,
  chunks: readonly ChunkText[],
): Promise<ReadonlyMap<string, string>> =>
  tenantDb.tx(async (tx) => {
    const rows = await rowsOf<{ ordinal: number; window: number; hash: string }>(
      tx,
      sql`select ordinal, window_ordinal as window, text_hash as hash from chunk_embedding
          where org_id = ${tenantDb.actor.orgId} and model = ${model} and version_id = ${versionId}
            and ordinal between ${chunks[0]?.ordinal ?? 0} and ${chunks.at(-1)?.ordinal ?? 0}`,
    )
    return new Map(rows.map(({ ordinal, window, hash }) => [`${ordinal}:${window}`, hash]))
  })

/** Which of these texts the organisation has a vector of. */
export const knownHashes = (
  tenantDb: TenantDb,
  model: string,
  windows: readonly { readonly hash: string }[],
): Promise<ReadonlySet<string>> =>
  tenantDb.tx(async (tx) => {
    const rows = await rowsOf<{ hash: string }>(
      tx,
      sql`select distinct text_hash as hash from chunk_embedding
          where org_id = ${tenantDb.actor.orgId} and model = ${model}
            and text_hash in (select jsonb_array_elements_text(${json(windows.map(({ hash }) => hash))}))`,
    )
    return new Set(rows.map(({ hash }) => hash))
  })
