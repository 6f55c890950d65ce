import type { OrgId } from '@quarry/contracts'
import type { TestDatabase } from './test-database.ts'

/** A hash of all rows of an organisation, in every table, and of its jobs: equal before and after, nothing was written. */
export const hashOfOrganisation = async ({ owner }: Pick<TestDatabase, 'owner'>, orgId: OrgId): Promise<string> => {
  const tables = await owner.unsafe<{ name: string; key: string }[]>(`
    select c.oid::regclass::text as name, a.attname as key from pg_class c
    join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
    where c.relkind in ('r', 'p') and not c.relispartition
      and ((c.relnamespace = 'public'::regnamespace and a.attname = 'org_id')
        or (c.relnamespace = 'auth'::regnamespace and a.attname in ('organization_id', 'reference_id')))
    order by 1`)
  if (tables.length < 15) throw new Error(`only ${tables.length} tables were found`)
  const hashOf = ({ name, key }: { name: string; key: string }) =>
    `select '${name}=' || count(*) || ':' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as hash
     from ${name} t where t.${key}::text = $1`
  const jobs = `select 'jobs=' || count(*) from graphile_worker._private_jobs where payload ->> 'orgId' = $1`
  const rows = await owner.unsafe<{ hash: string }[]>([...tables.map(hashOf), jobs].join(' union all '), [orgId])
  return rows.map(({ hash }) => hash).join('\n')
}
