import type { Span } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { pageKey, readPages } from '../retrieve/passages.ts'

export interface QuotedPlace {
  readonly versionId: string
  readonly ordinal: number
  readonly span: Span
  readonly quote: string
}

/**
 * Reads the pages again, as the caller may see them now, and says for each citation whether its span holds exactly its
 * quote. A page that is gone or hidden from the caller is not verified.
 */
export async function verifyCitations(tenantDb: TenantDb, citations: readonly QuotedPlace[]): Promise<boolean[]> {
  if (citations.length === 0) return []
  const pages = await tenantDb.tx((tx) => readPages(tx, tenantDb.actor.orgId, citations))
  return citations.map((citation) => {
    const text = pages.get(pageKey(citation))
    if (text === undefined || citation.quote === '') return false
    const { start, end } = citation.span
    return start >= 0 && end <= text.length && text.slice(start, end) === citation.quote
  })
}
