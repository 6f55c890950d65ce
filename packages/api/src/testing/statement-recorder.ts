import { AsyncLocalStorage } from 'node:async_hooks'
import type { StatementWatcher, WatchedStatement } from '@quarry/db'
import { requestContext } from '@quarry/observability'

export interface StatementRecorder {
  readonly watch: StatementWatcher
  /**
   * What `call` sent until it settled, and not what it set going: an answer that is written, with a context of its own,
   * goes on after the reply.
   */
  during(call: () => Promise<unknown>): Promise<WatchedStatement[]>
  /** Inside of that: what is not to be counted. */
  aside<T>(other: () => T): T
}

/** Tells calls apart that run at the same time: pollers and sweeps send statements, too. */
export const recordStatements = (): StatementRecorder => {
  const recording = new AsyncLocalStorage<WatchedStatement[]>()
  return {
    watch: (statement, run) => {
      if (requestContext() === undefined) recording.getStore()?.push(statement)
      return run()
    },
    during: async (call) => {
      const statements: WatchedStatement[] = []
      await recording.run(statements, call)
      return [...statements]
    },
    aside: (other) => recording.exit(other),
  }
}
