import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { CollectionId, DocumentId } from '@quarry/contracts'
import { json } from '../retrieve/rows.ts'

/** What a question may look at: filters inside what the caller may see. null: everything. Never taken from a model. */
export interface AnswerScope {
  readonly collectionIds: readonly CollectionId[] | null
  readonly documentIds: readonly DocumentId[] | null
}

/** Conditions on table alias `d` (document): live, and inside the scope. */
export function documentsInScope(orgId: string, scope: AnswerScope): SQL {
  const within = (column: SQL, ids: readonly string[] | null) =>
    ids === null ? sql`` : sql`and ${column} in (select value::uuid from jsonb_array_elements_text(${json(ids)}))`
  return sql`d.org_id = ${orgId} and d.live_version_id is not null
    ${within(sql`d.collection_id`, scope.collectionIds)} ${within(sql`d.id`, scope.documentIds)}`
}
