import { sql } from 'drizzle-orm'
import type { CollectionId, DocumentId, Span, VersionId } from '@quarry/contracts'
import type { TenantDb, TenantTx } from '@quarry/db'
import { detectLanguage } from '../analyse/language.ts'
import { sentencesOf } from '../chunk/sentences.ts'
import { pageKey, readPages } from '../retrieve/passages.ts'
import { rowsOf } from '../retrieve/rows.ts'
import type { ShownPassage } from './passage-registry.ts'
import { documentsInScope } from './scope.ts'
import { ToolRefusal } from './tool-refusal.ts'
import type { AnswerScope } from './scope.ts'

/** A dense printed page has about 4,000 characters: one part, mostly. */
const PART_CHARS = 4000

export interface DocumentPart {
  readonly passage: ShownPassage
  /** Pages or sections of the document. */
  readonly pages: number
  readonly part: number
  readonly parts: number
}

interface LiveDocument {
  readonly documentId: DocumentId
  readonly versionId: VersionId
  readonly collectionId: CollectionId
  readonly document: string
  readonly title: string
  readonly paged: boolean
  readonly pages: number
}

/**
 * A page of a searchable document in the scope. `shown` is the passage that `name` is the label of, if it is one; its
 * document must still be live. Throws ToolRefusal when there is no such document, page or part.
 */
export async function readDocumentPart(
  tenantDb: TenantDb,
  scope: AnswerScope,
  shown: ShownPassage | undefined,
  name: string,
  page: number | null,
  part: number,
): Promise<DocumentPart> {
  const { orgId } = tenantDb.actor
  const ordinal = page ?? shown?.ordinal ?? 1
  const { found, text } = await tenantDb.tx(async (tx) => {
    const found = await findDocument(tx, orgId, scope, shown, name)
    if (!found) throw new ToolRefusal(`There is no document "${name}". list_documents shows the names.`)
    const wanted = { versionId: found.versionId, ordinal }
    return { found, text: (await readPages(tx, orgId, [wanted])).get(pageKey(wanted)) }
  })
  const unit = found.paged ? 'pages' : 'sections'
  if (text === undefined)
    throw new ToolRefusal(`"${found.document}" has ${found.pages} ${unit}; there is no ${ordinal}.`)
  const parts = partsOf(text)
  const span = parts[part - 1]
  if (!span) throw new ToolRefusal(`This page has ${parts.length} parts; there is no part ${part}.`)
  const { paged, pages, ...document } = found
  const passage = {
    ...document,
    ordinal,
    page: paged ? ordinal : null,
    headingPath: [],
    span,
    text: text.slice(span.start, span.end),
  }
  return { passage, pages, part, parts: parts.length }
}

async function findDocument(
  tx: TenantTx,
  orgId: string,
  scope: AnswerScope,
  shown: ShownPassage | undefined,
  name: string,
): Promise<LiveDocument | undefined> {
  const condition = shown ? sql`d.id = ${shown.documentId}` : sql`(d.source_path = ${name} or d.title = ${name})`
  const rows = await rowsOf<LiveDocument>(
    tx,
    sql`select d.id as "documentId", v.id as "versionId", d.collection_id as "collectionId", d.source_path as document,
          d.title, v.page_count is not null as paged, coalesce(v.page_count, v.section_count, 1) as pages
        from document d join document_version v on v.org_id = d.org_id and v.id = d.live_version_id
        where ${documentsInScope(orgId, scope)} and ${condition}
        order by (d.source_path = ${name}) desc, d.source_path, d.id limit 1`,
  )
  return rows[0]
}

/** Cuts between sentences; a sentence longer than a part is cut where the part is full. At least one part. */
function partsOf(text: string): Span[] {
  const parts: Span[] = []
  let start = 0
  let end = 0
  for (const sentence of sentencesOf(text, detectLanguage(text))) {
    if (sentence.end - start > PART_CHARS && end > start) {
      parts.push({ start, end })
      start = sentence.start
    }
    end = sentence.end
    while (end - start > PART_CHARS) {
      parts.push({ start, end: start + PART_CHARS })
      start += PART_CHARS
    }
  }
  if (end > start || parts.length === 0) parts.push({ start, end })
  return parts
}
