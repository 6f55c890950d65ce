import {
  anyJobPriorityInput,
  anyJobRef,
  cronInput,
  cronItem,
  installationFigures,
  installationFiguresInput,
  jobOverview,
  jobOverviewInput,
  jobsChanged,
  listAllJobsInput,
  processList,
  queueInput,
  retryAnyClassInput,
  workerItem,
} from '@quarry/contracts'
import {
  cancelAnyJob,
  getAnyJob,
  listAllJobs,
  listCronJobs,
  listProcesses,
  listWorkers,
  pauseQueue,
  readAllJobsOverview,
  readFigures,
  resumeQueue,
  retryAnyClass,
  retryAnyJob,
  runCronNow,
  setAnyJobPriority,
} from '@quarry/core'
import { z } from 'zod'
import { OPERATOR, procedure, router } from '../trpc.ts'

/**
 * The whole installation, for who sees to it: ids, states and times of every organisation, and nothing that people wrote.
 * Two statements of each say who calls.
 */
export const operationsRouter = router({
  overview: procedure(OPERATOR)
    .meta({ statements: 7 })
    .input(jobOverviewInput)
    .output(jobOverview)
    .query(({ ctx, input }) => readAllJobsOverview(ctx.verb, input)),
  jobs: procedure(OPERATOR)
    .meta({ statements: 5 })
    .input(listAllJobsInput)
    .query(({ ctx, input }) => listAllJobs(ctx.verb, input)),
  job: procedure(OPERATOR)
    .meta({ statements: 9 })
    .input(anyJobRef)
    .query(({ ctx, input }) => getAnyJob(ctx.verb, input)),
  retry: procedure(OPERATOR)
    .meta({ statements: 8 })
    .input(anyJobRef)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => retryAnyJob(ctx.verb, input)),
  retryClass: procedure(OPERATOR)
    .meta({ statements: 12 })
    .input(retryAnyClassInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => retryAnyClass(ctx.verb, input)),
  cancel: procedure(OPERATOR)
    .meta({ statements: 8 })
    .input(anyJobRef)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => cancelAnyJob(ctx.verb, input)),
  setPriority: procedure(OPERATOR)
    .meta({ statements: 6 })
    .input(anyJobPriorityInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => setAnyJobPriority(ctx.verb, input)),
  workers: procedure(OPERATOR)
    .meta({ statements: 4 })
    .output(z.array(workerItem))
    .query(({ ctx }) => listWorkers(ctx.verb)),
  processes: procedure(OPERATOR)
    .meta({ statements: 4 })
    .output(processList)
    .query(({ ctx }) => listProcesses(ctx.verb)),
  figures: procedure(OPERATOR)
    .meta({ statements: 4 })
    .input(installationFiguresInput)
    .output(installationFigures)
    .query(({ ctx, input }) => readFigures(ctx.verb, input)),
  pause: procedure(OPERATOR)
    .meta({ statements: 5 })
    .input(queueInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => pauseQueue(ctx.verb, input)),
  resume: procedure(OPERATOR)
    .meta({ statements: 5 })
    .input(queueInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => resumeQueue(ctx.verb, input)),
  cron: procedure(OPERATOR)
    .meta({ statements: 12 })
    .output(z.array(cronItem))
    .query(({ ctx }) => listCronJobs(ctx.verb)),
  runCron: procedure(OPERATOR)
    .meta({ statements: 9 })
    .input(cronInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => runCronNow(ctx.verb, input)),
})
