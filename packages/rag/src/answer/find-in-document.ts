import { sql } from 'drizzle-orm'
import type { Span } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { rowsOf } from '../retrieve/rows.ts'
import { findDocument } from './find-document.ts'
import type { ShownPassage } from './passage-registry.ts'
import type { AnswerScope } from './scope.ts'

/** More places say no more about a document than that there are many: the count tells. */
const MAX_SHOWN = 12
/** Of the text on either side of the words: enough to tell one place from another. */
const CONTEXT_CHARS = 200

export interface Places {
  /** In the order of the document, the first dozen. */
  readonly passages: readonly ShownPassage[]
  /** Pages or sections that have the words. */
  readonly places: number
}

/**
 * Where exact words stand in a live document of the scope, letter for letter, the first place on each page.
 * Throws ToolRefusal when there is no such document.
 */
export async function findInDocument(
  tenantDb: TenantDb,
  scope: AnswerScope,
  shown: ShownPassage | undefined,
  name: string,
  words: string,
): Promise<Places> {
  const { orgId } = tenantDb.actor
  return tenantDb.tx(async (tx) => {
    const { paged, pages: _pages, ...document } = await findDocument(tx, orgId, scope, shown, name)
    const found = await rowsOf<{ ordinal: number; text: string; places: number }>(
      tx,
      sql`select ordinal, text, (count(*) over ())::int as places from document_page
          where org_id = ${orgId} and version_id = ${document.versionId} and strpos(text, ${words}::text) > 0
          order by ordinal limit ${MAX_SHOWN}`,
    )
    const passages = found.map(({ ordinal, text }): ShownPassage => {
      const span = surroundings(text, text.indexOf(words), words.length)
      return {
        ...document,
        ordinal,
        page: paged ? ordinal : null,
        headingPath: [],
        span,
        text: text.slice(span.start, span.end),
      }
    })
    return { passages, places: found[0]?.places ?? 0 }
  })
}

/** The words with the context on either side, from the first line break in it to the last one; no half characters. */
function surroundings(text: string, at: number, length: number): Span {
  const end = at + length
  const from = Math.max(0, at - CONTEXT_CHARS)
  const to = Math.min(text.length, end + CONTEXT_CHARS)
  const first = text.slice(from, at).indexOf('\n')
  const last = text.slice(end, to).lastIndexOf('\n')
  const start = first === -1 || from === 0 ? from : from + first + 1
  const stop = last === -1 || to === text.length ? to : end + last
  return { start: isLow(text, start) ? start + 1 : start, end: isLow(text, stop) ? stop - 1 : stop }
}

/** Whether a cut here would part a surrogate pair. */
const isLow = (text: string, at: number) => /[\uDC00-\uDFFF]/.test(text.charAt(at))
