import { nodesOf } from '../../packages/db/src/testing/query-plan.ts'

/** The large tables and partitions that a plan reads from end to end. */
export const scannedTables = (plan, large) =>
  nodesOf(plan).flatMap((node) => {
    const table = node['Relation Name'] ?? ''
    return node['Node Type'] === 'Seq Scan' && large.has(table) && node['Actual Loops'] !== 0 ? [table] : []
  })

/** A plan as people read it: a line per node, indented, with rows, time and pages where it was run. */
export const planText = (plan) => (plan === undefined ? '  (not seen again)' : lines(plan, 1).join('\n'))

const lines = (node, depth) => {
  const name = [
    node['Subplan Name'],
    node['Node Type'],
    node['Index Name'] ?? node['Relation Name'] ?? node['CTE Name'],
  ]
  const run =
    node['Actual Rows'] === undefined
      ? [`~${node['Plan Rows']} rows`]
      : [
          `${node['Actual Rows']} rows × ${node['Actual Loops']}`,
          `${node['Actual Total Time']} ms`,
          `${node['Shared Hit Blocks'] + node['Shared Read Blocks']} pages`,
        ]
  const condition = node['Index Cond'] ?? node['Filter']
  return [
    `${'  '.repeat(depth)}${name.filter(Boolean).join(' ')} (${run.join(', ')})${condition ? ` ${condition.slice(0, 100)}` : ''}`,
    ...(node.Plans ?? []).flatMap((child) => lines(child, depth + 1)),
  ]
}
