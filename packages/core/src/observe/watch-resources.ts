import type { LinkState, RedisLink } from '@quarry/cache'
import type { Database, DatabaseObserver } from '@quarry/db'
import { notes, requestContext, type Metrics } from '@quarry/observability'

/** begin and commit frame what was asked for: in the metrics, and not among a request's statements. */
const FRAME: ReadonlySet<string> = new Set(['begin', 'commit', 'rollback'])

/** Measures every statement, and notes it for whom it was sent. */
export const databaseObserver = (metrics: Metrics): DatabaseObserver => ({
  statement: (statement, startedAt, endedAt, failed) => {
    const ms = endedAt - startedAt
    metrics.sqlSeconds.observe({ statement }, ms / 1000)
    const context = requestContext()
    if (context === undefined || FRAME.has(statement)) return
    if (context.notes !== undefined) {
      context.notes.statements++
      context.notes.sqlMs += ms
    }
    const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': statement }
    context.span?.record(statement, 'client', { startedAt, endedAt }, attributes, failed ? 'failed' : undefined)
  },
  waited: (seconds, outcome) => metrics.poolWaitSeconds.observe({ outcome }, seconds),
})

/** The same for round trips to Redis. */
export const redisObserver =
  (metrics: Metrics) =>
  (startedAt: number, endedAt: number, outcome: 'ok' | 'failed'): void => {
    const ms = endedAt - startedAt
    metrics.redisSeconds.observe({ outcome }, ms / 1000)
    const noted = notes()
    if (noted !== undefined) {
      noted.redisCalls++
      noted.redisMs += ms
    }
    const error = outcome === 'failed' ? 'failed' : undefined
    requestContext()?.span?.record('redis', 'client', { startedAt, endedAt }, { 'db.system.name': 'redis' }, error)
  }

const AWAY: ReadonlySet<LinkState> = new Set(['open', 'half-open'])

/** Has the state of both looked up before each reading. */
export const watchResources = (metrics: Metrics, database: Database, redis: RedisLink | null): void => {
  // An alert waits for it to grow, which it has to be there for.
  metrics.poolWaitSeconds.zero({ outcome: 'refused' })
  metrics.beforeReading(() => {
    const { lent, idle, waiting, max } = database.stats()
    metrics.poolConnections.set({ state: 'lent' }, lent)
    metrics.poolConnections.set({ state: 'idle' }, idle)
    metrics.poolConnections.set({ state: 'max' }, max)
    metrics.poolWaiting.set({}, waiting)
    if (redis !== null) metrics.redisBreakerOpen.set({}, AWAY.has(redis.state) ? 1 : 0)
  })
}
