import { sql } from 'drizzle-orm'
import type { PageBlock, Span } from '@quarry/contracts'
import { fixedText, type TenantDb } from '@quarry/db'
import { json, rowsOf } from '../retrieve/rows.ts'

/** A heading is a line; what is longer was taken for one. */
const MAX_CHARS = 200

export interface QuotedPlace {
  readonly versionId: string
  /** 1-based ordinal of document_page. */
  readonly ordinal: number
  readonly span: Span
  readonly quote: string
}

export interface ReadPlace {
  /** Whether the span holds exactly the quote; not where the page is gone or hidden from the caller. */
  readonly verified: boolean
  /**
   * What a reader would call the place: the name of its section, where the format names it (a sheet, a slide), else the
   * innermost heading above it. Null where there is neither.
   */
  readonly heading: string | null
}

interface Row {
  readonly index: number
  readonly label: string | null
  readonly text: string
  readonly blocks: PageBlock[]
  readonly path: string[] | null
}

/** Reads the pages again, as the caller may see them now; all places in one statement. One result per place, in order. */
export async function readPlaces(tenantDb: TenantDb, places: readonly QuotedPlace[]): Promise<ReadPlace[]> {
  if (places.length === 0) return []
  const { orgId } = tenantDb.actor
  const wanted = places.map(({ versionId, ordinal, span }, index) => ({ index, versionId, ordinal, start: span.start }))
  const rows = await tenantDb.tx((tx) =>
    rowsOf<Row>(
      tx,
      sql`select ${fixedText} w.index, p.label, p.text, p.blocks, (
            select to_json(c.heading_path) from chunk c
            where c.org_id = ${orgId} and c.version_id = p.version_id and c.page_from = p.ordinal and c.span_start <= w.start
            order by c.span_start desc limit 1
          ) as path
          from jsonb_to_recordset(${json(wanted)}) as w(index int, "versionId" uuid, ordinal int, start int)
          join document_page p on p.org_id = ${orgId} and p.version_id = w."versionId" and p.ordinal = w.ordinal`,
    ),
  )
  const byIndex = new Map(rows.map((row) => [row.index, row]))
  return places.map((place, index) => {
    const row = byIndex.get(index)
    return { verified: row !== undefined && holds(row.text, place), heading: row ? headingOf(row, place) : null }
  })
}

const holds = (text: string, { span: { start, end }, quote }: QuotedPlace): boolean =>
  quote !== '' && start >= 0 && end <= text.length && text.slice(start, end) === quote

const headingOf = ({ label, text, blocks, path }: Row, { span }: QuotedPlace): string | null => {
  // A passage may run over several headings of its page: its own path names the first.
  const above = blocks.findLast(({ kind, end }) => kind === 'heading' && end <= span.start)
  const heading = label ?? (above && text.slice(above.start, above.end)) ?? path?.at(-1) ?? ''
  const line = heading.replace(/\s+/gu, ' ').trim()
  return line === '' ? null : line.slice(0, MAX_CHARS).toWellFormed()
}

/** Says for each citation whether its span holds exactly its quote, as the caller may see the page now. */
export const verifyCitations = async (tenantDb: TenantDb, citations: readonly QuotedPlace[]): Promise<boolean[]> =>
  (await readPlaces(tenantDb, citations)).map(({ verified }) => verified)
