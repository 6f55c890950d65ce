import { statementKind } from '../../packages/db/src/index.ts'

/**
 * Counts and times statements by kind. What a statement costs is the time until its rows are there, as the process sees
 * it. The entrances of transactions travel with `begin`, and are not timed by themselves.
 *
 * @returns {{
 *   watch: import('@quarry/db').StatementWatcher,
 *   reset: () => void,
 *   statements: () => { kind: string, calls: number, totalMs: number, meanMs: number, rows: number }[],
 *   explain: () => void, stop: () => void,
 *   plans: () => Map<string, object>
 * }} statements: those that took most time altogether first; rows: of one call, on average
 */
export const createStatementClock = () => {
  const kinds = new Map()
  const plans = new Map()
  let mode = 'time'
  const time = async (kind, run) => {
    const began = performance.now()
    const rows = await run()
    const seen = kinds.get(kind) ?? { calls: 0, totalMs: 0, rows: 0 }
    kinds.set(kind, {
      calls: seen.calls + 1,
      totalMs: seen.totalMs + performance.now() - began,
      rows: seen.rows + rows.length,
    })
    return rows
  }
  const explain = async (kind, { text, params }, ask) => {
    // A statement that writes is planned, and not run twice.
    const how = /^[\s(]*(select|with)\b/i.test(text) && !/\bfor (no key )?update\b|advisory|enqueue_job/i.test(text)
    const [[plan]] = await ask(`explain (${how ? 'analyze, buffers, ' : ''}format json) ${text}`, params, 'arrays')
    plans.set(kind, (typeof plan === 'string' ? JSON.parse(plan) : plan)[0].Plan)
  }
  return {
    watch: async (statement, run, ask) => {
      if (statement.entrance || mode === 'off' || !/^[\s(]*(select|insert|update|delete|with)\b/i.test(statement.text))
        return run()
      const kind = statementKind(statement.text)
      if (mode === 'time') return time(kind, run)
      if (!plans.has(kind)) await explain(kind, statement, ask)
      return run()
    },
    reset: () => kinds.clear(),
    statements: () =>
      [...kinds]
        .map(([kind, { calls, totalMs, rows }]) => ({
          kind,
          calls,
          totalMs,
          meanMs: totalMs / calls,
          rows: rows / calls,
        }))
        .toSorted((a, b) => b.totalMs - a.totalMs),
    explain: () => {
      mode = 'explain'
    },
    stop: () => {
      mode = 'off'
    },
    plans: () => plans,
  }
}
