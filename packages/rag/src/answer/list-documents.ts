import { sql } from 'drizzle-orm'
import type { TenantDb } from '@quarry/db'
import { rowsOf } from '../retrieve/rows.ts'
import { documentsInScope } from './scope.ts'
import type { AnswerScope } from './scope.ts'

/** About 1,500 tokens of names; the count says whether there are more. */
const MAX_LISTED = 50

export interface DocumentList {
  readonly documents: readonly { readonly document: string; readonly title: string; readonly pages: number | null }[]
  readonly total: number
}

/** Searchable documents in the scope, by name; `query` is a part of the name or title, case-insensitive. */
export async function listDocuments(
  tenantDb: TenantDb,
  scope: AnswerScope,
  query: string | null,
): Promise<DocumentList> {
  const { orgId } = tenantDb.actor
  const named =
    query === null || query === ''
      ? sql``
      : sql`and position(lower(${query}) in lower(d.source_path || ' ' || d.title)) > 0`
  const rows = await tenantDb.tx((tx) =>
    rowsOf<{ document: string; title: string; pages: number | null; total: number }>(
      tx,
      sql`select d.source_path as document, d.title, v.page_count as pages, (count(*) over ())::int as total
          from document d join document_version v on v.org_id = d.org_id and v.id = d.live_version_id
          where ${documentsInScope(orgId, scope)} ${named}
          order by d.source_path, d.id limit ${MAX_LISTED}`,
    ),
  )
  return { documents: rows.map(({ total: _total, ...document }) => document), total: rows[0]?.total ?? 0 }
}
