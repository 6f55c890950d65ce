import type postgres from 'postgres'

export interface TenantTable {
  readonly name: string
  readonly columns: readonly string[]
  /** Those that a row can be inserted with. */
  readonly written: readonly string[]
}

/** Every table with an `org_id`, read from the catalogue; a partition counts as part of its table. */
export const tenantTables = async (owner: postgres.Sql): Promise<TenantTable[]> => {
  const rows = await owner.unsafe<{ name: string; columns: string; written: string }[]>(`
    select c.relname as name, string_agg(a.attname, ',' order by a.attnum) as columns,
      string_agg(a.attname, ',' order by a.attnum) filter (where a.attgenerated = '') as written
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    group by c.oid, c.relname having bool_or(a.attname = 'org_id') order by c.relname`)
  return rows.map(({ name, columns, written }) => ({ name, columns: columns.split(','), written: written.split(',') }))
}
