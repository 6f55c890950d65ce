import { asc, sql } from 'drizzle-orm'
import type { JobKind, JobRunId, OrgId, WorkerItem } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { OperatorContext } from '../context.ts'
import { LIVE_SECONDS } from '../jobs/line.ts'

/** Worker processes that live, with their lanes and what they run, the oldest first. */
export const listWorkers = async ({ deps: { database } }: OperatorContext): Promise<WorkerItem[]> => {
  const { jobRun, workerHeartbeat } = schema
  const isRunning = sql`${jobRun.worker} = ${workerHeartbeat.poolId} and ${jobRun.state} = 'running'`
  const rows = await database.system((tx) =>
    tx
      .select({
        pool: workerHeartbeat.poolId,
        host: workerHeartbeat.host,
        process: workerHeartbeat.processId,
        lane: workerHeartbeat.lane,
        places: workerHeartbeat.places,
        startedAt: workerHeartbeat.startedAt,
        seenAt: workerHeartbeat.seenAt,
        job: {
          id: jobRun.id,
          orgId: jobRun.orgId,
          kind: jobRun.kind,
          startedAt: jobRun.startedAt,
          enqueuedAt: jobRun.enqueuedAt,
          stage: jobRun.stage,
          progress: jobRun.progress,
        },
      })
      .from(workerHeartbeat)
      .leftJoin(jobRun, isRunning)
      .where(sql`${workerHeartbeat.seenAt} > now() - ${LIVE_SECONDS} * interval '1 second'`)
      .orderBy(asc(workerHeartbeat.startedAt), asc(workerHeartbeat.poolId), asc(jobRun.startedAt)),
  )
  const processes = Map.groupBy(rows, ({ process, pool }) => process || pool)
  return [...processes].flatMap(([process, ofProcess]) => {
    const [first] = ofProcess
    if (!first) return []
    const pools = new Map(ofProcess.map((row) => [row.pool, row]))
    return {
      process,
      host: first.host,
      startedAt: first.startedAt.toISOString(),
      seenAt: new Date(Math.max(...ofProcess.map(({ seenAt }) => seenAt.getTime()))).toISOString(),
      lanes: [...pools.values()].map(({ lane, places, pool }) => ({ lane, places, pool })),
      running: ofProcess.flatMap(({ job }) =>
        job === null
          ? []
          : {
              id: job.id as JobRunId,
              orgId: job.orgId as OrgId,
              kind: job.kind as JobKind,
              startedAt: (job.startedAt ?? job.enqueuedAt).toISOString(),
              stage: job.stage,
              progress: job.progress,
            },
      ),
    }
  })
}
