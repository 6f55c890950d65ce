import { sql } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import type { Database } from '../database.ts'

/** A table with organisations' rows, as the catalogue has it. */
export interface TenantRows {
  readonly name: string
  /** Of the primary key. */
  readonly key: readonly string[]
  /** Who may delete of it: the organisation's own system actor, which sees no other, or where that may not a sweep. */
  readonly by: 'organisation' | 'sweep'
}

interface CatalogueRow {
  readonly name: string
  /** Names of columns, and of tables, with commas between. */
  readonly key: string
  readonly references: string
  readonly own: boolean
  readonly swept: boolean
}

const CATALOGUE = sql`
  select c.relname::text as name,
    (select string_agg(a.attname, ',' order by k.ord) from pg_constraint p
      cross join unnest(p.conkey) with ordinality as k(attnum, ord)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum where p.conrelid = c.oid and p.contype = 'p') as key,
    (select coalesce(string_agg(distinct r.relname, ','), '') from pg_constraint f join pg_class r on r.oid = f.confrelid
      where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid) as references,
    has_table_privilege('app_user', c.oid, 'delete') as own, has_table_privilege('app_system', c.oid, 'delete') as swept
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id' and not a.attisdropped)
  order by c.relname`

/**
 * Every table with an `org_id`, those that refer to others before them: what is deleted in this order is seen by its
 * policies until it is, and takes nothing along that was not counted. Throws where nobody may delete of one: it would keep
 * what everybody believes gone.
 */
export const readTenantRows = async (database: Pick<Database, 'system'>): Promise<TenantRows[]> => {
  const rows = (await database.system((tx) => tx.execute(CATALOGUE))) as CatalogueRow[]
  const kept = rows.find(({ own, swept }) => !own && !swept)
  if (kept !== undefined)
    throw new Error(
      `Nobody may delete of the table ${kept.name}: grant it to app_user, or to app_system with a policy.`,
    )
  return inOrder(rows).map(({ name, key, own }) => ({ name, key: key.split(','), by: own ? 'organisation' : 'sweep' }))
}

const inOrder = (rows: readonly CatalogueRow[]): CatalogueRow[] => {
  const ordered: CatalogueRow[] = []
  let waiting = rows
  while (waiting.length > 0) {
    const needed = new Set(waiting.flatMap(({ references }) => references.split(',')))
    const ready = waiting.filter(({ name }) => !needed.has(name))
    if (ready.length === 0)
      throw new Error('Tables refer to each other in a circle, so that none can be emptied first.')
    ordered.push(...ready)
    waiting = waiting.filter((row) => !ready.includes(row))
  }
  return ordered
}

/** Deletes some rows of one organisation, in one transaction. Returns how many; fewer than `most` when none are left. */
export const deleteTenantRows = async (
  database: Pick<Database, 'system' | 'tenant'>,
  { name, key, by }: TenantRows,
  orgId: OrgId,
  most: number,
): Promise<number> => {
  const table = sql.identifier(name)
  const columns = sql.join(
    key.map((column) => sql.identifier(column)),
    sql`, `,
  )
  const statement = sql`
    with gone as (
      delete from ${table} where org_id = ${orgId}::uuid
        and (${columns}) in (select ${columns} from ${table} where org_id = ${orgId}::uuid limit ${most})
      returning org_id)
    select count(*)::int as n from gone`
  const own = database.tenant({ kind: 'system', id: null, orgId, role: 'owner' })
  const [row] = (await (by === 'sweep'
    ? database.system((tx) => tx.execute(statement))
    : own.tx((tx) => tx.execute(statement)))) as { n: number }[]
  return row?.n ?? 0
}
