import { sumOver } from './checksum.ts'
import { quote, type CopyTable } from './copy-table.ts'

/**
 * A row is a JSON array with the text of each column as PostgreSQL writes it, or null: exact for every type (vectors, JSON
 * with all its digits, microseconds), and nothing of it is ever a number or a date in JavaScript.
 */
const rowText = (table: CopyTable): string =>
  `json_build_array(${table.columns.map(({ name }) => `t.${quote(name)}::text`).join(', ')})::text`

const keyList = (table: CopyTable): string => table.key.map(({ name }) => `t.${quote(name)}`).join(', ')

/** `org_id` is also in the policies; said here, it leads to the right partition and index. */
const scopeOf = (table: CopyTable, param: number): string => (table.isTenant ? `t.org_id = $${param}::uuid` : 'true')

const afterKey = (table: CopyTable, sign: '>' | '<=', firstParam: number): string =>
  `(${keyList(table)}) ${sign} (${table.key.map(({ type }, i) => `$${firstParam + i}::${type}`).join(', ')})`

export interface SqlText {
  readonly text: string
  readonly params: readonly (string | null)[]
}

/**
 * The next rows in the order of the key after `after`, as `row` and `digest`: at most `limit`, and no further row when
 * those before it have more than `bytes`.
 */
export const selectBatch = (
  table: CopyTable,
  orgId: string | null,
  after: readonly string[] | null,
  limit: number,
  bytes: number,
): SqlText => {
  const scope = table.isTenant ? [orgId] : []
  const conditions = [scopeOf(table, 1)]
  if (after !== null) conditions.push(afterKey(table, '>', scope.length + 1))
  const keys = table.key.map((_, i) => `k${i}`).join(', ')
  const text = `
    select r as row, md5(r) as digest from (
      select r, ${keys}, sum(octet_length(r)) over (order by ${keys}) - octet_length(r) as before from (
        select ${rowText(table)} as r, ${table.key.map(({ name }, i) => `t.${quote(name)} as k${i}`).join(', ')}
        from ${table.quoted} t where ${conditions.join(' and ')}
        order by ${keyList(table)} limit ${limit}
      ) page
    ) sized where before <= ${bytes} order by ${keys}`
  return { text, params: [...scope, ...(after ?? [])] }
}

/** Count and checksum of all rows of a table in a scope, or of those up to a key. */
export const selectSum = (table: CopyTable, orgId: string | null, upTo: readonly string[] | null): SqlText => {
  const scope = table.isTenant ? [orgId] : []
  const conditions = [scopeOf(table, 1)]
  if (upTo !== null) conditions.push(afterKey(table, '<=', scope.length + 1))
  const digests = `select md5(${rowText(table)}) as m from ${table.quoted} t where ${conditions.join(' and ')}`
  return { text: sumOver(digests), params: [...scope, ...(upTo ?? [])] }
}

/** Inserts rows that came as text. */
export const insertRows = (table: CopyTable, rows: readonly string[]): SqlText => {
  const columns = table.columns.map(({ name }) => quote(name)).join(', ')
  const values = table.columns.map(({ type }, i) => `(r ->> ${i})::${type}`).join(', ')
  return {
    text: `insert into ${table.quoted} (${columns}) select ${values} from jsonb_array_elements($1::jsonb) r`,
    params: [`[${rows.join(',')}]`],
  }
}

/** The key of a row, for going on after it. */
export const keyOfRow = (table: CopyTable, row: string): string[] => {
  const values = JSON.parse(row) as (string | null)[]
  return table.key.map(({ name }) => values[table.columns.findIndex((column) => column.name === name)] ?? '')
}
