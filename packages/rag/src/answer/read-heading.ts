import { sql } from 'drizzle-orm'
import type { PageBlock } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import { rowsOf } from '../retrieve/rows.ts'

/** A heading is a line; what is longer was taken for one. */
const MAX_CHARS = 200

/**
 * What a reader would call the place: the name of its section, where the format names it (a sheet, a slide), else the
 * innermost heading above it. Null where there is neither.
 */
export async function readHeading(
  tenantDb: TenantDb,
  place: { readonly versionId: string; readonly ordinal: number; readonly start: number },
): Promise<string | null> {
  const { orgId } = tenantDb.actor
  const [row] = await tenantDb.tx((tx) =>
    rowsOf<{ label: string | null; text: string; blocks: PageBlock[]; path: string[] | null }>(
      tx,
      sql`select p.label, p.text, p.blocks, (
            select to_json(c.heading_path) from chunk c
            where c.org_id = ${orgId} and c.version_id = p.version_id and c.page_from = p.ordinal
              and c.span_start <= ${place.start}
            order by c.span_start desc limit 1
          ) as path
          from document_page p
          where p.org_id = ${orgId} and p.version_id = ${place.versionId} and p.ordinal = ${place.ordinal}`,
    ),
  )
  // A passage may run over several headings of its page: its own path names the first.
  const above = row?.blocks.findLast(({ kind, end }) => kind === 'heading' && end <= place.start)
  const heading = row?.label ?? (above && row?.text.slice(above.start, above.end)) ?? row?.path?.at(-1) ?? ''
  const line = heading.replace(/\s+/gu, ' ').trim()
  return line === '' ? null : line.slice(0, MAX_CHARS).toWellFormed()
}
