import { and, eq, isNull, lte, or, sql } from 'drizzle-orm'
import { orgId as orgIdSchema } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import { isLive } from './live-runs.ts'
import { takeOver } from './take-over.ts'

/** A crash leaves what one process was writing; more than this waits for the next look. */
const RUNS_PER_LOOK = 100
/** Six missed heartbeats. */
const LEASE_MS = 10_000
/** Two missed heartbeats: from here on a run is watched. */
const WATCHED_AFTER_MS = 4_000
/**
 * A run is claimed only after its holder has been silent for so long while the database answered this process all the
 * time: after an outage of the database every heartbeat is old, and a living holder needs one of its own to say so first.
 */
const WATCHED_MS = 4_000
/** A question is in the database a moment before this process knows of the answer that it begins. */
const OWN_GRACE_MS = 10_000

interface Watched {
  readonly attempt: number
  /** Of the last heartbeat, as the database writes it. */
  readonly beatAt: string
  /** `performance.now()` when this process saw it first. */
  readonly since: number
}

/**
 * Looks for answers that nobody writes, and goes on with them. `alone`: whoever is not this process is dead. The returned
 * function is to be called about every second, by one caller; it gives how many were taken.
 */
export const createRunSweep = (deps: CoreDeps, { alone }: { readonly alone: boolean }): (() => Promise<number>) => {
  let watched = new Map<string, Watched>()
  const { run } = schema

  const readSilent = () =>
    deps.database.system((tx) =>
      tx
        .select({
          ...{ orgId: run.orgId, runId: run.id, attempt: run.attempt, holder: run.leaseHolder },
          beatAt: sql<string | null>`${run.heartbeatAt}::text`,
          silentMs: sql<number>`coalesce(extract(epoch from now() - ${run.heartbeatAt}) * 1000, 0)`.mapWith(Number),
        })
        .from(run)
        .where(
          and(
            eq(run.state, 'running'),
            or(
              isNull(run.heartbeatAt),
              lte(run.heartbeatAt, sql`now() - ${alone ? 0 : WATCHED_AFTER_MS}::float8 * interval '1 millisecond'`),
            ),
          ),
        )
        // Those that were given up first: nothing has to be waited for.
        .orderBy(sql`${run.heartbeatAt} asc nulls first`)
        .limit(RUNS_PER_LOOK),
    )

  /** How long a run must have been silent to be claimed now; null: not now. */
  const dueAfter = (row: Awaited<ReturnType<typeof readSilent>>[number], since: number): number | null => {
    if (row.holder === deps.processId) return isLive(deps.processId, row.runId) ? null : OWN_GRACE_MS
    if (row.beatAt === null || alone) return 0
    return performance.now() - since >= WATCHED_MS ? LEASE_MS : null
  }

  return async () => {
    const rows = await readSilent().catch((error: unknown) => {
      // What was seen before the outage says nothing of who lives after it.
      watched = new Map()
      throw error
    })
    const before = watched
    watched = new Map()
    let taken = 0
    for (const row of rows) {
      if (deps.shutdown.aborted) break
      const known = before.get(row.runId)
      const same = known !== undefined && known.beatAt === row.beatAt && known.attempt === row.attempt
      const since = same ? known.since : performance.now()
      if (row.beatAt !== null) watched.set(row.runId, { attempt: row.attempt, beatAt: row.beatAt, since })
      const silentMs = dueAfter(row, since)
      if (silentMs === null || (row.beatAt !== null && row.silentMs < silentMs)) continue
      try {
        if (await takeOver(deps, { ...row, orgId: orgIdSchema.parse(row.orgId) }, { silentMs })) taken++
      } catch (err) {
        // One that cannot be taken must not keep the others from it.
        deps.logger.warn({ err, runId: row.runId }, 'an answer could not be taken over; it is tried again')
      }
    }
    return taken
  }
}
