import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../testing/index.ts'
import { tenantTables } from './tenant-tables.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await createTestDatabase()
})
afterAll(() => db.close())

const names = async (query: string): Promise<string[]> =>
  (await db.owner.unsafe<{ name: string }[]>(query)).map((row) => row.name)

/** Statements that would each be a hole; none may match. */
const HOLES: [string, string][] = [
  [
    'a table or partition with org_id, but without forced row-level security',
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and not (c.relrowsecurity and c.relforcerowsecurity)`,
  ],
  [
    'a right on a partition, which would be read past the policies of its table',
    `select c.relname || ' to ' || grantee as name from pg_class c, information_schema.role_table_grants g
     where c.relispartition and g.table_schema = 'public' and g.table_name = c.relname
       and grantee in ('app_user', 'app_system', 'app_worker', 'login', 'PUBLIC')`,
  ],
  [
    'a right of app_user on a tenant table that no policy for its command limits',
    `select g.table_name || ' ' || g.privilege_type as name from information_schema.role_table_grants g
     join pg_attribute a on a.attrelid = g.table_name::regclass and a.attname = 'org_id'
     where g.grantee = 'app_user' and g.table_schema = 'public' and not exists (
       select from pg_policies p where p.schemaname = 'public' and p.tablename = g.table_name and 'app_user' = any (p.roles)
         and p.cmd in ('ALL', g.privilege_type)
         and (g.privilege_type = 'INSERT' or p.qual like '%app.org_id%')
         and (g.privilege_type in ('SELECT', 'DELETE') or p.with_check like '%app.org_id%'))`,
  ],
  [
    'a policy that lets app_user past the organisation',
    `select policyname || ' on ' || tablename as name from pg_policies
     where schemaname = 'public' and not (roles = array['app_system']::name[])
       and (coalesce(qual, 'app.org_id') not like '%app.org_id%' or coalesce(with_check, 'app.org_id') not like '%app.org_id%'
         or permissive <> 'PERMISSIVE')`,
  ],
  [
    'a right of login or of everybody on a tenant table',
    `select table_name || ' to ' || grantee as name from information_schema.role_table_grants
     where table_schema = 'public' and grantee in ('login', 'PUBLIC')`,
  ],
  [
    'a right of a tenant role on the accounts, or of everybody',
    `select table_name || ' to ' || grantee as name from information_schema.role_table_grants
     where table_schema in ('auth', 'graphile_worker') and grantee in ('app_user', 'app_system', 'PUBLIC')`,
  ],
  [
    'a function with the rights of its owner and a search path of its caller',
    `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where p.prosecdef and n.nspname in ('public', 'auth', 'graphile_worker')
       and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')`,
  ],
  [
    'a function of ours that everybody may call',
    `select p.oid::regprocedure::text as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and not exists (
       select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
       and has_function_privilege('pg_monitor', p.oid, 'execute')`,
  ],
  [
    'a view that reads with the rights of its owner',
    `select relname as name from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace
       and not coalesce(reloptions::text like '%security_invoker=true%', false)`,
  ],
  [
    'a role of ours with a power that policies do not hold',
    `select rolname as name from pg_roles where rolname in ('login', 'app_user', 'app_system', 'app_worker')
       and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication or rolinherit
         or rolcanlogin <> (rolname = 'login'))`,
  ],
  [
    'a table that a role of the product owns',
    `select relname as name from pg_class where relnamespace in ('public'::regnamespace, 'auth'::regnamespace) and relkind in ('r', 'p')
       and relowner in (select oid from pg_roles where rolname in ('login', 'app_user', 'app_system', 'app_worker'))`,
  ],
  [
    'a right that future tables would get by themselves',
    `select defaclrole::regrole::text as name from pg_default_acl`,
  ],
  [
    'a foreign key or unique key of a tenant table without org_id',
    `select conname as name from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attname = 'org_id'
     where k.contype in ('p', 'u', 'f') and k.connamespace = 'public'::regnamespace and not a.attnum = any (k.conkey)`,
  ],
  [
    'a foreign key without an index on its side, which a cascade would scan for',
    `select k.conname as name from pg_constraint k
     where k.contype = 'f' and k.connamespace in ('public'::regnamespace, 'auth'::regnamespace) and k.conparentid = 0
       and not exists (select from pg_index i where i.indrelid = k.conrelid
         and (i.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)`,
  ],
]

describe('check 3: the catalogue', () => {
  test('control: has tenant tables and partitions, or nothing below proves anything', async () => {
    expect((await tenantTables(db.owner)).length).toBeGreaterThan(15)
    expect(await names(`select relname as name from pg_class where relispartition and relkind = 'r'`)).toHaveLength(24)
    expect(
      (await names(`select policyname as name from pg_policies where schemaname = 'public'`)).length,
    ).toBeGreaterThan(20)
  })

  test.each(HOLES)('has not: %s', async (_hole, query) => {
    expect(await names(query)).toEqual([])
  })

  test.each([
    [0, 'create table stranger (org_id uuid)'],
    [1, 'grant select on chunk_p3 to app_user'],
    [2, 'drop policy visible on document'],
    [3, 'alter policy tenant on signal using (true)'],
    [4, 'grant select on document_page to login'],
    [5, 'grant select on auth.session to app_user'],
    [6, 'alter function queue_put reset all'],
    [7, 'grant execute on function app_see_collections to public'],
    [8, 'create view everything as select * from document'],
    [9, 'alter role app_worker bypassrls'],
    [10, 'alter table run owner to app_worker'],
    [11, 'alter default privileges grant select on tables to app_user'],
    [12, 'alter table document add constraint by_path unique (source_path)'],
    [13, 'drop index auth.session_of_user'],
  ])('mutation: notices hole %i when it is made: %s', async (hole, change) => {
    const [, query = ''] = HOLES[hole] ?? []
    const found = db.owner.begin(async (tx) => {
      await tx.unsafe(change)
      const rows = await tx.unsafe(query)
      throw new Error(`found ${rows.length}`)
    })
    await expect(found).rejects.toThrow(/^found [1-9]/)
  })

  test('ends a statement, a lock and an idle transaction that nobody else ends', async () => {
    const [row] = await db.database.auth.execute(
      `select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
         current_setting('idle_in_transaction_session_timeout') as idle, session_user::text as connected`,
    )
    expect(row).toEqual({ statement: '30s', lock: '3s', idle: '15s', connected: 'login' })
  })
})
