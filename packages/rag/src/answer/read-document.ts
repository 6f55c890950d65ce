import type { Span } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { detectLanguage } from '../analyse/language.ts'
import { sentencesOf } from '../chunk/sentences.ts'
import { pageKey, readPages } from '../retrieve/passages.ts'
import { findDocument } from './find-document.ts'
import type { ShownPassage } from './passage-registry.ts'
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
