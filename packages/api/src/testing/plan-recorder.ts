import { AsyncLocalStorage } from 'node:async_hooks'
import { statementKind, type StatementWatcher } from '@quarry/db'
import { planOf, type PlanNode } from '@quarry/db/testing'

export interface SeenPlan {
  readonly kind: string
  readonly plan: PlanNode
}

type Ask = Parameters<StatementWatcher>[2]

export interface PlanRecorder {
  readonly watch: StatementWatcher
  /** The plans of what `call` sends, each made in the statement's own transaction, as its role and with its values. */
  during(call: () => Promise<unknown>): Promise<SeenPlan[]>
}

export const recordPlans = (): PlanRecorder => {
  const recording = new AsyncLocalStorage<SeenPlan[]>()
  return {
    watch: async ({ text, params, entrance }, run, ask) => {
      const seen = recording.getStore()
      if (seen && !entrance && /^[\s(]*(select|insert|update|delete|with)\b/i.test(text)) {
        const plan = await explain(text, params, ask)
        if (plan) seen.push({ kind: statementKind(text), plan })
      }
      return run()
    },
    during: async (call) => {
      const seen: SeenPlan[] = []
      await recording.run(seen, call)
      return [...seen]
    },
  }
}

/** Runs the statement, for the rows that it reads, and takes back what it did. Null when it fails: it will once more. */
const explain = async (text: string, params: readonly unknown[], ask: Ask): Promise<PlanNode | null> => {
  const inTransaction = await ask('savepoint before_plan', [], 'arrays').then(
    () => true,
    () => false,
  )
  // Alone, it cannot be taken back.
  const analyze = inTransaction || /^[\s(]*(select|with)\b/i.test(text) ? 'analyze, timing off, ' : ''
  try {
    return planOf(await ask(`explain (${analyze}format json) ${text}`, params, 'arrays'))
  } catch {
    return null
  } finally {
    if (inTransaction) await ask('rollback to savepoint before_plan', [], 'arrays')
  }
}
