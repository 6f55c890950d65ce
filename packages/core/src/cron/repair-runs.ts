import { setTimeout as pause } from 'node:timers/promises'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { orgId as orgIdSchema, runId as runIdSchema } from '@quarry/contracts'
import { schema, type Database } from '@quarry/db'
import { interruptRun } from '../chat/interrupt-run.ts'
import type { CronDeps } from './task.ts'

/** Web servers look for runs that nobody writes every two seconds: who is left after so long has been seen thirty times. */
const UNCLAIMED_SECONDS = 60
/**
 * All servers may have been away, and the database too: what could be claimed only now is claimed within this time. Longer
 * than a lease and a look together.
 */
const SECOND_LOOK_MS = 15_000
const MOST = 200

const { run, signal: signalTable } = schema

/** Answers that nobody has written for a minute end as interrupted, with what there is of them. */
export const repairRuns = async (
  { database, model }: Pick<CronDeps, 'database' | 'model'>,
  signal: AbortSignal,
  secondLookMs = SECOND_LOOK_MS,
): Promise<{ run: number }> => {
  const first = await unclaimed(database)
  if (first.length === 0) return { run: 0 }
  await pause(secondLookMs, undefined, { signal })
  const still = new Set(
    (
      await unclaimed(
        database,
        first.map(({ runId }) => runId),
      )
    ).map(keyOf),
  )
  let ended = 0
  for (const row of first.filter((one) => still.has(keyOf(one)))) {
    signal.throwIfAborted()
    const orgId = orgIdSchema.parse(row.orgId)
    const tenantDb = database.tenant({ kind: 'system', id: null, orgId, role: 'owner' })
    if (await interruptRun(tenantDb, { ...row, runId: runIdSchema.parse(row.runId) }, model)) ended++
  }
  return { run: ended }
}

type Unclaimed = Awaited<ReturnType<typeof unclaimed>>[number]
const keyOf = ({ runId, attempt }: Unclaimed): string => `${runId} ${attempt}`

const unclaimed = (database: Database, among?: readonly string[]) =>
  database.system((tx) => {
    const ago = sql`now() - ${UNCLAIMED_SECONDS} * interval '1 second'`
    // Without a heartbeat it was given up in order: since when, its signal says.
    const isFresh = sql`exists (select from ${signalTable} s where s.org_id = ${run.orgId} and s.topic = 'run.free'
      and s.subject_id = ${run.id} and s.created_at > ${ago})`
    return tx
      .select({
        orgId: run.orgId,
        runId: run.id,
        messageId: run.messageId,
        conversationId: run.conversationId,
        ownerId: run.ownerId,
        attempt: run.attempt,
      })
      .from(run)
      .where(
        and(
          eq(run.state, 'running'),
          sql`coalesce(${run.heartbeatAt}, ${run.createdAt}) < ${ago}`,
          sql`not (${run.heartbeatAt} is null and ${isFresh})`,
          among && inArray(run.id, [...among]),
        ),
      )
      .orderBy(sql`${run.heartbeatAt} asc nulls first`)
      .limit(MOST)
  })
