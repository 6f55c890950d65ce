import { orgId as orgIdSchema, type OrgId } from '@quarry/contracts'
import { readSum, type RowSum } from './checksum.ts'
import { readCopyTables, withRightsOn, type CopyTable } from './copy-table.ts'
import { keyOfRow, selectBatch, selectSum } from './row-text.ts'
import type { CopySession } from './session.ts'

/** Rows as text, in the order of their key. */
export interface RowBatch {
  readonly rows: readonly string[]
  /** The MD5 of each. */
  readonly digests: readonly string[]
  /** Where to go on; null when this was the end. */
  readonly next: readonly string[] | null
}

/** A batch holds the embedded database's only session for about 30 ms, and takes this much memory a few times over. */
const BATCH_BYTES = 1024 * 1024
/** A posting has 200 bytes of text; more rows than this would be sorted for nothing where rows are large. */
const BATCH_ROWS = 2_000

/** Tables with an organisation's rows are read in one organisation at a time; the others with null. */
export const scopesOf = (table: CopyTable, organisations: readonly OrgId[]): (OrgId | null)[] =>
  table.isTenant ? [...organisations] : [null]

export const readTables = (session: CopySession): Promise<CopyTable[]> => session.run(null, readCopyTables)

/** Every organisation that has rows: those with an account, and those that only a collection still knows. */
export const readOrganisations = async (session: CopySession): Promise<OrgId[]> => {
  const found = await session.run(null, async (query) => {
    const known = await query('select id::text as id from auth.organization', [], 'rows')
    await query(`select set_config('role', 'app_system', true)`, [], 'arrays')
    const used = await query('select distinct org_id::text as id from collection', [], 'rows')
    return [...known, ...used] as { id: string }[]
  })
  return [...new Set(found.map(({ id }) => id))].toSorted().map((id) => orgIdSchema.parse(id))
}

export const readBatch = async (
  session: CopySession,
  table: CopyTable,
  orgId: OrgId | null,
  after: readonly string[] | null,
): Promise<RowBatch> => {
  const { text, params } = selectBatch(table, orgId, after, BATCH_ROWS, BATCH_BYTES)
  const found = (await session.run(orgId, (query) =>
    withRightsOn(table, query, () => query(text, params, 'rows')),
  )) as { row: string; digest: string }[]
  const last = found.at(-1)
  return {
    rows: found.map(({ row }) => row),
    digests: found.map(({ digest }) => digest),
    next: last === undefined ? null : keyOfRow(table, last.row),
  }
}

/** Count and checksum of a table in one scope; with `upTo` only of the rows up to that key. */
export const sumOfTable = async (
  session: CopySession,
  table: CopyTable,
  orgId: OrgId | null,
  upTo: readonly string[] | null = null,
): Promise<RowSum> => {
  const { text, params } = selectSum(table, orgId, upTo)
  const [row] = await session.run(orgId, (query) => withRightsOn(table, query, () => query(text, params, 'rows')))
  return readSum(row as { rows: string; a: string; b: string } | undefined)
}

/** Names and last values of the sequences; null where nothing was taken yet. */
export const readSequences = (session: CopySession): Promise<Record<string, string>> =>
  session.run(null, async (query) => {
    // Readable by who may use the sequence, which is not `login` itself.
    await query(`select set_config('role', 'app_system', true)`, [], 'arrays')
    const rows = (await query(
      `select schemaname || '.' || sequencename as name, last_value::text as value from pg_sequences
       where schemaname in ('public', 'auth') and last_value is not null`,
      [],
      'rows',
    )) as { name: string; value: string }[]
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  })
