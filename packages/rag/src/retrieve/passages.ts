import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import {
  mediaType,
  type CollectionId,
  type DocumentId,
  type MediaType,
  type Span,
  type VersionId,
} from '@quarry/contracts'
import { fixedText, type TenantTx } from '@quarry/db'
import { rowsOf } from './rows.ts'

/** A chunk with its text, cut out of its page. */
export interface Passage {
  /** The chunk's ordinal in its version. */
  readonly chunkOrdinal: number
  readonly documentId: DocumentId
  readonly versionId: VersionId
  readonly collectionId: CollectionId
  readonly document: string
  readonly title: string
  /** 1-based ordinal of document_page. */
  readonly ordinal: number
  /** null where the format has no pages. */
  readonly page: number | null
  readonly headingPath: readonly string[]
  readonly span: Span
  readonly text: string
  readonly language: string
  readonly mediaType: MediaType | null
  /** When its version was added. */
  readonly addedAt: string
}

/** Where a chunk is: its version and its ordinal in it. */
export interface ChunkRef {
  readonly versionId: string
  readonly ordinal: number
}

interface ChunkRow extends Omit<Passage, 'page' | 'span' | 'text' | 'mediaType'> {
  readonly mediaType: string | null
  readonly paged: boolean
  readonly start: number
  readonly end: number
  readonly pageText: string
}

/**
 * Reads chunks and cuts their texts (spans are UTF-16, so never in SQL). In the order asked; one that is gone is left out.
 */
export async function readPassages(tx: TenantTx, orgId: string, refs: readonly ChunkRef[]): Promise<Passage[]> {
  if (refs.length === 0) return []
  // One row after the other, by its key: as joins of four tables, planning took three times as long as reading.
  const chunks = await rowsOf<ChunkRow>(
    tx,
    sql`select ${fixedText} c.document_id as "documentId", c.version_id as "versionId", c.collection_id as "collectionId",
          d.source_path as document, d.title, c.page_from as ordinal, c.ordinal as "chunkOrdinal",
          v.page_count is not null as paged, to_json(c.heading_path) as "headingPath",
          c.span_start as start, c.span_end as "end", c.language, v.media_type as "mediaType",
          to_json(v.created_at) as "addedAt", p.text as "pageText"
        from ${placesOf(refs)}
        cross join lateral (select * from chunk c
          where c.org_id = ${orgId} and c.version_id = w.version_id and c.ordinal = w.ordinal offset 0) c
        cross join lateral (select * from document d where d.org_id = ${orgId} and d.id = c.document_id offset 0) d
        cross join lateral (select * from document_version v where v.org_id = ${orgId} and v.id = c.version_id offset 0) v
        cross join lateral (select * from document_page p
          where p.org_id = ${orgId} and p.version_id = c.version_id and p.ordinal = c.page_from offset 0) p`,
  )
  const found = new Map<string, Passage>()
  for (const { paged, start, end, pageText, ...chunk } of chunks) {
    const page = paged ? chunk.ordinal : null
    found.set(`${chunk.versionId}:${chunk.chunkOrdinal}`, {
      ...chunk,
      mediaType: mediaType.nullable().catch(null).parse(chunk.mediaType),
      addedAt: new Date(chunk.addedAt).toISOString(),
      page,
      span: { start, end },
      text: pageText.slice(start, end),
    })
  }
  return refs.flatMap((ref) => found.get(`${ref.versionId}:${ref.ordinal}`) ?? [])
}

/** As `w (version_id, ordinal)`. Arrays, because the planner knows how many rows there are in them, and takes JSON for 100. */
const placesOf = (places: readonly ChunkRef[]): SQL => {
  const [versionIds, ordinals] = [places.map(({ versionId }) => versionId), places.map(({ ordinal }) => ordinal)]
  return sql`unnest(${`{${versionIds.join(',')}}`}::uuid[], ${`{${ordinals.join(',')}}`}::int[]) as w(version_id, ordinal)`
}

export const pageKey = (page: { readonly versionId: string; readonly ordinal: number }) =>
  `${page.versionId}:${page.ordinal}`

/** Texts of pages by `pageKey`. A page that is not there, or that this caller may not see, is missing. */
export async function readPages(
  tx: TenantTx,
  orgId: string,
  pages: readonly { readonly versionId: string; readonly ordinal: number }[],
): Promise<ReadonlyMap<string, string>> {
  if (pages.length === 0) return new Map()
  const distinct = [...new Map(pages.map((page) => [pageKey(page), page])).values()]
  const rows = await rowsOf<{ versionId: string; ordinal: number; text: string }>(
    tx,
    sql`select p.version_id as "versionId", p.ordinal, p.text
        from ${placesOf(distinct)}
        join document_page p on p.org_id = ${orgId} and p.version_id = w.version_id and p.ordinal = w.ordinal`,
  )
  return new Map(rows.map((row) => [pageKey(row), row.text]))
}
