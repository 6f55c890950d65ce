import { sql } from 'drizzle-orm'
import type { CollectionId, DocumentId, VersionId } from '@quarry/contracts'
import type { TenantTx } from '@quarry/db'
import { rowsOf } from '../retrieve/rows.ts'
import type { ShownPassage } from './passage-registry.ts'
import { documentsInScope } from './scope.ts'
import type { AnswerScope } from './scope.ts'
import { ToolRefusal } from './tool-refusal.ts'

export interface LiveDocument {
  readonly documentId: DocumentId
  readonly versionId: VersionId
  readonly collectionId: CollectionId
  readonly document: string
  readonly title: string
  readonly paged: boolean
  readonly pages: number
}

/**
 * The document that a tool is asked for: that of the passage whose label the model gave, or the one with this name.
 * Throws ToolRefusal when there is none that is live and in the scope.
 */
export async function findDocument(
  tx: TenantTx,
  orgId: string,
  scope: AnswerScope,
  shown: ShownPassage | undefined,
  name: string,
): Promise<LiveDocument> {
  const condition = shown ? sql`d.id = ${shown.documentId}` : sql`(d.source_path = ${name} or d.title = ${name})`
  const rows = await rowsOf<LiveDocument>(
    tx,
    sql`select d.id as "documentId", v.id as "versionId", d.collection_id as "collectionId", d.source_path as document,
          d.title, v.page_count is not null as paged, coalesce(v.page_count, v.section_count, 1) as pages
        from document d join document_version v on v.org_id = d.org_id and v.id = d.live_version_id
        where ${documentsInScope(orgId, scope)} and ${condition}
        order by (d.source_path = ${name}) desc, d.source_path, d.id limit 1`,
  )
  const [found] = rows
  if (!found) throw new ToolRefusal(`There is no document "${name}". list_documents shows the names.`)
  return found
}
