import type { Actor, JobRunId } from '@quarry/contracts'
import type { Database } from '@quarry/db'
import type { JobClaim } from '@quarry/jobs'
import type { Logger } from '@quarry/observability'
import {
  admitDueJobs,
  Bookmark,
  cancelledJobs,
  orphanedJobs,
  queueDepth,
  requeueMissingJobs,
  type OrphanedJob,
} from './queue-sweep.ts'
import {
  adoptJob,
  endJob,
  loseJob,
  reportJob,
  startJob,
  type JobOutcome,
  type OldJob,
  type StartedJob,
  type TakenJob,
} from './recording.ts'

/** Jobs' rows, as a worker needs them. Each is one short transaction; see recording.ts and queue-sweep.ts. */
export interface WorkerJobs {
  start(actor: Actor, id: JobRunId, taken: TakenJob): Promise<StartedJob | null>
  adopt(actor: Actor, job: OldJob): Promise<JobRunId | null>
  report(actor: Actor, claim: JobClaim, worker: string, stage: string, progress: number | null): Promise<boolean>
  /** Whether a job is still this worker's; if so nobody takes it for dead for the next half minute. */
  holds(actor: Actor, claim: JobClaim, worker: string): Promise<boolean>
  end(actor: Actor, claim: JobClaim, worker: string, outcome: JobOutcome): Promise<boolean>
  lose(
    actor: Actor,
    id: JobRunId,
    worker: string,
    rules: Parameters<typeof loseJob>[3],
  ): Promise<'again' | 'over' | null>
  orphaned(ownPools: readonly string[], graceSeconds: number): Promise<OrphanedJob[]>
  cancelled(pools: readonly string[]): Promise<JobRunId[]>
  admitDue(): Promise<number>
  requeueMissing(): Promise<number>
  depth(): ReturnType<typeof queueDepth>
}

export const createWorkerJobs = (database: Database, logger: Logger): WorkerJobs => {
  const [ofDead, ofMissing] = [new Bookmark(), new Bookmark()]
  let admittedUpTo: Awaited<ReturnType<typeof admitDueJobs>>['behind'] = null
  return {
    start: (actor, id, taken) => startJob(database.tenant(actor), id, taken),
    adopt: (actor, job) => adoptJob(database.tenant(actor), job),
    report: (actor, claim, worker, stage, progress) =>
      reportJob(database.tenant(actor), claim, worker, stage, progress),
    holds: (actor, claim, worker) => reportJob(database.tenant(actor), claim, worker, null, null),
    end: (actor, claim, worker, outcome) => endJob(database.tenant(actor), claim, worker, outcome),
    lose: (actor, id, worker, rules) => loseJob(database.tenant(actor), id, worker, rules),
    orphaned: (ownPools, graceSeconds) => orphanedJobs(database, ownPools, graceSeconds, ofDead),
    cancelled: (pools) => cancelledJobs(database, pools),
    admitDue: async () => {
      const { admitted, behind } = await admitDueJobs(database, logger, admittedUpTo)
      admittedUpTo = behind
      return admitted
    },
    requeueMissing: () => requeueMissingJobs(database, logger, ofMissing),
    depth: () => queueDepth(database),
  }
}
