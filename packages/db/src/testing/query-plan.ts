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

/**
 * What is wrong with a plan: `large` tables that are read from end to end, in the order of the table or of an index;
 * rows that were read only to be thrown away, as far as it says; and what a policy asks of the settings for each row
 * instead of once (an InitPlan). Empty when nothing is.
 */
export const planProblems = (plan: PlanNode, large: ReadonlySet<string>): string[] =>
  nodesOf(plan).flatMap((node) => {
    const type = node['Node Type']
    const relation = tableOf(node['Relation Name'] ?? '')
    if (type === 'Seq Scan' && large.has(relation)) return [`reads all of ${relation}`]
    if (/^Index (Only )?Scan$/.test(type) && node['Index Cond'] === undefined && large.has(relation))
      return [`reads all of ${relation} through ${node['Index Name']}`]
    const inVain = (node['Rows Removed by Filter'] ?? 0) * (node['Actual Loops'] ?? 1)
    if (inVain > MOST_IN_VAIN) return [`reads ${inVain} rows of ${relation || type} in vain`]
    // With a plan below it, it only decides once whether that one runs.
    const alone = !node.Plans?.some((child) => child['Parent Relationship'] === 'Outer')
    if (type === 'Result' && alone && node['Parent Relationship'] === 'SubPlan')
      return ['asks for a setting in each row']
    return []
  })
