import { sql } from 'drizzle-orm'
import type postgres from 'postgres'
import type { Actor } from '@quarry/contracts'
import type { TestDatabase } from '../testing/index.ts'
import { maySee, maySweep, mayWrite } from './expectation.ts'
import type { Organisation, Scene } from './scene.ts'
import { tenantTables, type TenantTable } from './tenant-tables.ts'

/** A statement and what must come of it: `rows <n>`, or an SQLSTATE. */
interface Probe {
  readonly statement: string
  readonly expected: string
}

const REFUSED = '42501'
const DUPLICATE = '23505'

/** Installs what the probes run through: a function that tries a statement, reports, and undoes it. For superusers. */
export const installProbe = async (owner: postgres.Sql): Promise<void> => {
  await owner.unsafe(`
    create or replace function public.probe(statement text) returns text language plpgsql as $$
    declare n bigint;
    begin
      execute statement;
      get diagnostics n = row_count;
      raise exception using errcode = 'QP000', message = n::text;
    exception when sqlstate 'QP000' then return 'rows ' || sqlerrm; when others then return sqlstate;
    end $$;
    grant execute on function public.probe(text) to public`)
}

/** What one caller tries, and how. */
interface Attempt {
  readonly who: string
  readonly probes: readonly Probe[]
  readonly run: (probes: readonly Probe[]) => Promise<unknown>
}

/** Everything that is to be tried; depends on the rows and on the grants, not on the policies. */
export type ProbePlan = readonly Attempt[]

/** Plans, for every tenant table in the catalogue and every kind of caller, what isolation must allow and forbid. */
export const planProbes = async (test: TestDatabase, { a, b }: Scene): Promise<ProbePlan> => {
  const tables = await tenantTables(test.owner)
  const plan: Attempt[] = []
  for (const organisation of [a, b]) {
    const { owner, admin, member, viewer, apiKey, system } = organisation.tenant
    for (const actor of [owner, admin, member, viewer, apiKey, system]) {
      const probes = await tenantProbes(test.owner, tables, actor, organisation)
      const run = (chosen: readonly Probe[]) =>
        test.database.tenant(actor).tx((tx) => tx.execute(tryAll(chosen)), { timeoutMs: TIMEOUT_MS })
      plan.push({ who: `${actor.kind} ${actor.role}`, probes, run })
    }
  }
  return [...plan, ...(await planStrangers(test, tables))]
}

/**
 * Carries out a plan. Returns a line for each thing that came out differently; none means that the tenants are isolated.
 */
export const findLeaks = async (plan: ProbePlan): Promise<string[]> => {
  if (plan.every(({ probes }) => probes.length === 0)) return ['there is no tenant table: nothing was tried']
  const leaks: string[] = []
  // One after the other: the embedded database does no two at once, and a caller waits for a connection only so long.
  for (const { who, probes, run } of plan) if (probes.length > 0) leaks.push(...compare(who, probes, await run(probes)))
  return leaks
}

/** What of a plan is about one table. */
export const onTable = (plan: ProbePlan, table: string): ProbePlan => {
  const named = new RegExp(`\\b${table}\\b`)
  return plan.map((attempt) => ({
    ...attempt,
    probes: attempt.probes.filter(({ statement }) => named.test(statement)),
  }))
}

/** Many statements in one transaction, on a machine that does other things. */
const TIMEOUT_MS = 30_000

/** Callers without a tenant: the role alone, the connection's own role, and the sweeper. */
const planStrangers = async (test: TestDatabase, tables: readonly TenantTable[]): Promise<Attempt[]> => {
  const { owner, database } = test
  const copies = await Promise.all(tables.map((table) => copyOf(owner, table, 'true')))
  const inserts = copies.map((statement): Probe => ({ statement: statement ?? 'no row', expected: REFUSED }))
  const partitions = await owner.unsafe<{ name: string }[]>(
    `select relname as name from pg_class where relispartition and relkind = 'r' and relnamespace = 'public'::regnamespace`,
  )
  const direct = partitions.map(({ name }): Probe => ({ statement: `select 1 from ${name}`, expected: REFUSED }))
  const reads = (expected: string) =>
    tables.map(({ name }): Probe => ({ statement: `select 1 from ${name}`, expected }))

  const asNobody = [...reads('rows 0'), ...inserts, ...direct]
  const asSystem = [...(await sweepProbes(owner, tables)), ...direct]
  const asLogin = [...reads(REFUSED), ...inserts, ...direct]
  const attempts: Attempt[] = [
    { who: 'no tenant', probes: asNobody, run: (chosen) => owner.begin((tx) => runAs(tx, 'app_user', chosen)) },
    {
      who: 'sweeper',
      probes: asSystem,
      run: (chosen) => database.system((tx) => tx.execute(tryAll(chosen)), { timeoutMs: TIMEOUT_MS }),
    },
  ]
  // PGlite has one user, which no policy holds: only what enters a role is held there.
  if (test.adapter.kind === 'embedded') return attempts
  return [...attempts, { who: 'login', probes: asLogin, run: (chosen) => database.auth.execute(tryAll(chosen)) }]
}

/** Reads, writes and moves of rows: exactly those that the caller may see and write. */
const tenantProbes = async (
  owner: postgres.Sql,
  tables: readonly TenantTable[],
  actor: Actor,
  organisation: Organisation,
): Promise<Probe[]> => {
  const probes = await Promise.all(
    tables.map(async (table): Promise<Probe[]> => {
      const see = maySee(table, actor, organisation)
      const write = mayWrite(table, actor, organisation)
      const [counted] = await owner.unsafe<{ seen: number; written: number; updates: boolean; deletes: boolean }[]>(`
        select count(*) filter (where ${see})::int as seen, count(*) filter (where ${write})::int as written,
          has_table_privilege('app_user', '${table.name}', 'update') as updates,
          has_table_privilege('app_user', '${table.name}', 'delete') as deletes
        from ${table.name}`)
      const { seen = 0, written = 0, updates = false, deletes = false } = counted ?? {}
      const anotherOrganisation = '00000000-0000-7000-8000-000000000000'
      const inserts: [string | undefined, string][] = [
        [await copyOf(owner, table, `not (coalesce(${write}, false)) and org_id = '${actor.orgId}'`), REFUSED],
        [await copyOf(owner, table, `org_id <> '${actor.orgId}'`), REFUSED],
        [await copyOf(owner, table, write), DUPLICATE],
      ]
      return [
        { statement: `select 1 from ${table.name}`, expected: `rows ${seen}` },
        { statement: `delete from ${table.name}`, expected: deletes ? `rows ${written}` : REFUSED },
        {
          statement: `update ${table.name} set org_id = '${anotherOrganisation}'`,
          expected: updates && written === 0 ? 'rows 0' : REFUSED,
        },
        ...inserts.flatMap(([statement, expected]) => (statement === undefined ? [] : [{ statement, expected }])),
      ]
    }),
  )
  return probes.flat()
}

/** A sweeper sees, and deletes, every row of what it has a right to, in the columns that it has a right to, and nothing else. */
const sweepProbes = async (owner: postgres.Sql, tables: readonly TenantTable[]): Promise<Probe[]> => {
  const probes = await Promise.all(
    tables.map(async (table): Promise<Probe[]> => {
      const { name, columns } = table
      const [row] = await owner.unsafe<{ total: number; deletes: boolean; granted: string }[]>(
        `select (select count(*) from ${name} where ${maySweep(table)})::int as total,
           has_table_privilege('app_system', '${name}', 'delete') as deletes,
           (select coalesce(string_agg(c, ','), '') from unnest($1::text[]) c
            where has_column_privilege('app_system', '${name}', c, 'select')) as granted`,
        [`{${columns.join(',')}}`],
      )
      const granted = row?.granted.split(',').filter((column) => column !== '') ?? []
      return [
        { statement: `delete from ${name}`, expected: row?.deletes ? `rows ${row.total}` : REFUSED },
        ...columns.map((column) => ({
          statement: `select ${column} from ${name}`,
          expected: granted.includes(column) && !CONTENT.includes(column) ? `rows ${row?.total}` : REFUSED,
        })),
      ]
    }),
  )
  return probes.flat()
}

/** Columns that hold what people wrote: no sweep may ever read one. */
const CONTENT = [
  'text',
  'folded',
  'title',
  'name',
  'source_path',
  'quote',
  'lexeme',
  'body',
  'boxes',
  'response',
  'details',
  'document',
]

/** An INSERT of a row that is there already: refused, or a duplicate where the policy lets it through. */
const copyOf = async (owner: postgres.Sql, table: TenantTable, where: string): Promise<string | undefined> => {
  const columns = table.written.join(', ')
  const [row] = await owner.unsafe<{ statement: string }[]>(
    `select format('insert into ${table.name} (${columns}) select ${columns} from jsonb_populate_record(null::${table.name}, %L::jsonb)', to_jsonb(t)) as statement
     from ${table.name} t where ${where} order by t limit 1`,
  )
  return row?.statement
}

const tryAll = (probes: readonly Probe[]) =>
  sql`select probe(statement) as outcome from unnest(${sql.param(probes.map((one) => one.statement))}::text[]) with ordinality as s(statement, at) order by at`

const runAs = async (tx: postgres.TransactionSql, role: string, probes: readonly Probe[]): Promise<unknown[]> => {
  await tx.unsafe(`set local role ${role}`)
  const outcomes: unknown[] = []
  for (const { statement } of probes) outcomes.push(...(await tx.unsafe('select probe($1) as outcome', [statement])))
  return outcomes
}

const compare = (who: string, probes: readonly Probe[], outcomes: unknown): string[] => {
  const rows = outcomes as { outcome: string }[]
  return probes.flatMap(({ statement, expected }, index) => {
    const outcome = rows[index]?.outcome
    return outcome === expected ? [] : [`${who}: ${statement.slice(0, 90)} gave ${outcome}, not ${expected}`]
  })
}
