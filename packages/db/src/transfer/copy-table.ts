import type { RunQuery } from '../client/transaction.ts'
import { treatmentOf } from './treatment.ts'

export interface CopyColumn {
  readonly name: string
  /** As PostgreSQL writes it, e.g. `timestamp with time zone`. */
  readonly type: string
}

/** A table that is copied, as the catalogue describes it. */
export interface CopyTable {
  /** `<schema>.<name>`. */
  readonly name: string
  /** The same for SQL. */
  readonly quoted: string
  readonly columns: readonly CopyColumn[]
  /** The primary key, without org_id: rows are read in this order. */
  readonly key: readonly CopyColumn[]
  /** Belongs to organisations, by a column org_id; everything else is read as a whole. */
  readonly isTenant: boolean
}

interface CatalogueRow {
  readonly oid: string
  readonly schema: string
  readonly name: string
  readonly columns: string
  readonly key: string
  readonly references: string
}

const CATALOGUE = `
  select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name,
    (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
     from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '')::text as columns,
    (select coalesce(json_agg(a.attname order by k.ord), '[]')
     from pg_constraint p cross join unnest(p.conkey) with ordinality as k(attnum, ord)
     join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
     where p.conrelid = c.oid and p.contype = 'p')::text as key,
    (select coalesce(json_agg(distinct f.confrelid::text), '[]') from pg_constraint f
     where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid)::text as references
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'auth') and c.relkind in ('r', 'p') and not c.relispartition
  order by n.nspname, c.relname`

/** Every table to copy, those that others refer to first. A partitioned table counts once. */
export const readCopyTables = async (query: RunQuery): Promise<CopyTable[]> => {
  const rows = (await query(CATALOGUE, [], 'rows')) as CatalogueRow[]
  const wanted = rows.filter((row) => treatmentOf(`${row.schema}.${row.name}`).kind === 'copied')
  return inOrder(wanted).map(toTable)
}

const toTable = (row: CatalogueRow): CopyTable => {
  const columns = JSON.parse(row.columns) as CopyColumn[]
  const isTenant = columns.some(({ name }) => name === 'org_id')
  const key = (JSON.parse(row.key) as string[]).filter((name) => name !== 'org_id')
  const found = key.map((name) => columns.find((column) => column.name === name))
  const known = found.filter((column) => column !== undefined)
  if (known.length === 0) throw new Error(`The table ${row.schema}.${row.name} has no key to read it by.`)
  return {
    name: `${row.schema}.${row.name}`,
    quoted: `${quote(row.schema)}.${quote(row.name)}`,
    columns,
    key: known,
    isTenant,
  }
}

/** Runs `work` with what it takes to see the rows of a table, in a transaction that was entered for its scope. */
export const withRightsOn = async <T>({ name }: CopyTable, query: RunQuery, work: () => Promise<T>): Promise<T> => {
  const treatment = treatmentOf(name)
  if (treatment.kind === 'copied' && treatment.as === 'system')
    await query(`select set_config('role', 'app_system', true)`, [], 'arrays')
  return work()
}

/** A table comes after all that it refers to. */
const inOrder = (rows: readonly CatalogueRow[]): CatalogueRow[] => {
  const waiting = new Map(rows.map((row) => [row.oid, row]))
  const ordered: CatalogueRow[] = []
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((row) =>
      (JSON.parse(row.references) as string[]).every((oid) => !waiting.has(oid)),
    )
    if (ready.length === 0) throw new Error('Tables refer to each other in a circle, so that none can be copied first.')
    for (const row of ready) waiting.delete(row.oid)
    ordered.push(...ready)
  }
  return ordered
}

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`
