import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { SearchInput } from '@quarry/contracts'
import { inCollections } from './query-terms.ts'
import { json } from './rows.ts'

/**
 * What a search may find. Collections also bound the statistics: a word is as rare as it is in them. The others only
 * narrow what is ranked. null: everything.
 */
export interface Filters {
  readonly collectionIds: readonly string[] | null
  readonly documentIds: readonly string[] | null
  readonly mediaTypes: readonly string[] | null
  readonly languages: readonly string[] | null
  /** ISO 8601; when the live version was added: from the first moment on, and before the second. */
  readonly addedFrom: string | null
  readonly addedBefore: string | null
}

export const filtersOf = (input: SearchInput): Filters => ({
  collectionIds: input.collectionIds ?? null,
  documentIds: input.documentIds ?? null,
  mediaTypes: input.mediaTypes ?? null,
  languages: input.languages ?? null,
  addedFrom: input.addedFrom ?? null,
  addedBefore: input.addedBefore ?? null,
})

/** Whether anything but the collections decides about what is found. */
export const narrows = (filters: Filters): boolean =>
  [filters.documentIds, filters.mediaTypes, filters.languages, filters.addedFrom, filters.addedBefore].some(
    (filter) => filter !== null,
  )

/** Live versions in the collections: `version_id, document_id, wanted`, the last by the other filters. */
export function liveVersions(orgId: string, filters: Filters): SQL {
  const conditions = [
    filters.documentIds &&
      sql`d.id in (select value::uuid from jsonb_array_elements_text(${json(filters.documentIds)}))`,
    filters.mediaTypes && sql`v.media_type in (select jsonb_array_elements_text(${json(filters.mediaTypes)}))`,
    filters.languages && sql`v.language in (select jsonb_array_elements_text(${json(filters.languages)}))`,
    filters.addedFrom && sql`v.created_at >= ${filters.addedFrom}::timestamptz`,
    filters.addedBefore && sql`v.created_at < ${filters.addedBefore}::timestamptz`,
  ].flatMap((condition) => (condition === null || condition === '' ? [] : [condition]))
  const ofVersion = filters.mediaTypes ?? filters.languages ?? filters.addedFrom ?? filters.addedBefore
  return sql`select d.live_version_id as version_id, d.id as document_id,
      ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)} as wanted
    from document d ${ofVersion === null ? sql`` : sql`join document_version v on v.org_id = ${orgId} and v.id = d.live_version_id`}
    where d.org_id = ${orgId} and d.live_version_id is not null ${inCollections(filters.collectionIds, sql`d.collection_id`)}`
}
