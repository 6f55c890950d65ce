import type postgres from 'postgres'

/** A node of EXPLAIN (FORMAT JSON); the last two of EXPLAIN ANALYZE. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Index Cond'?: string
  readonly 'Subplan Name'?: string
  readonly Plans?: readonly PlanNode[]
  readonly 'Rows Removed by Filter'?: number
  readonly 'Actual Loops'?: number
}

/** The root of what EXPLAIN (FORMAT JSON) answered, one row with one value, as a client read it. */
export const planOf = (rows: readonly unknown[]): PlanNode => {
  const [row] = rows
  const value: unknown = Array.isArray(row) ? row[0] : Object.values(Object(row))[0]
  const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value
  const plan: unknown = Array.isArray(parsed) ? Reflect.get(Object(parsed[0]), 'Plan') : undefined
  if (!isPlanNode(plan)) throw new TypeError('this is no plan')
  return plan
}

const isPlanNode = (value: unknown): value is PlanNode =>
  typeof value === 'object' && value !== null && 'Node Type' in value

export const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** A partition counts as the table that it is a part of. */
export const tableOf = (relation: string): string => relation.replace(/_p\d+$/, '')

/** Rows that a look-up may read in vain: a page of a list, several times over. */
const MOST_IN_VAIN = 500

/** The tables and partitions with more than `rows` rows, by the last ANALYZE; a partitioned table by all of its rows. */
export const largeTables = async (owner: postgres.Sql, rows: number): Promise<Set<string>> => {
  const found = await owner.unsafe<{ name: string }[]>(
    `select relname as name from pg_class where relkind in ('r', 'p') and reltuples > ${rows}
       and relnamespace in ('public'::regnamespace, 'auth'::regnamespace)`,
  )
  return new Set(found.map(({ name }) => name))
}

/**
 * What is wrong with a plan: `large` tables that are read from end to end, in the order of the table or of an index;
 * rows that were read only to be thrown away, as far as it says; and what a policy asks of the settings for each row
 * instead of once (an InitPlan). Empty when nothing is.
 */
export const planProblems = (plan: PlanNode, large: ReadonlySet<string>): string[] => [
  ...problemsOfNode(plan, large),
  // The first rows of an index are no more than those.
  ...(plan.Plans ?? []).flatMap((child) =>
    plan['Node Type'] === 'Limit' && isWholeIndex(child) ? problemsInVain(child) : planProblems(child, large),
  ),
]

const isWholeIndex = (node: PlanNode): boolean =>
  /^Index (Only )?Scan$/.test(node['Node Type']) && node['Index Cond'] === undefined

const problemsInVain = (node: PlanNode): string[] => {
  const relation = tableOf(node['Relation Name'] ?? '')
  const inVain = (node['Rows Removed by Filter'] ?? 0) * (node['Actual Loops'] ?? 1)
  return relation !== '' && inVain > MOST_IN_VAIN ? [`reads ${inVain} rows of ${relation} in vain`] : []
}

const problemsOfNode = (node: PlanNode, large: ReadonlySet<string>): string[] => {
  const relation = tableOf(node['Relation Name'] ?? '')
  if (large.has(node['Relation Name'] ?? '')) {
    if (node['Node Type'] === 'Seq Scan') return [`reads all of ${relation}`]
    if (isWholeIndex(node)) return [`reads all of ${relation} through ${node['Index Name']}`]
  }
  // With a plan below it, it only decides once whether that one runs.
  const alone = !node.Plans?.some((child) => child['Parent Relationship'] === 'Outer')
  if (node['Node Type'] === 'Result' && alone && node['Parent Relationship'] === 'SubPlan')
    return ['asks for a setting in each row']
  return problemsInVain(node)
}
