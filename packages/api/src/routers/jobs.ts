import {
  jobOverview,
  jobOverviewInput,
  jobPriorityInput,
  jobRef,
  jobsChanged,
  listJobsInput,
  retryClassInput,
} from '@quarry/contracts'
import { cancelJob, getJob, listJobs, readJobOverview, retryClass, retryJob, setJobPriority } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const jobsRouter = router({
  list: procedure('jobs.manage')
    .meta({ statements: 3 })
    .input(listJobsInput)
    .query(({ ctx, input }) => listJobs(ctx.verb, input)),
  get: procedure('jobs.manage')
    .meta({ statements: 6 })
    .input(jobRef)
    .query(({ ctx, input }) => getJob(ctx.verb, input)),
  overview: procedure('jobs.manage')
    .meta({ statements: 6 })
    .input(jobOverviewInput)
    .output(jobOverview)
    .query(({ ctx, input }) => readJobOverview(ctx.verb, input)),
  retry: procedure('jobs.manage')
    .meta({ statements: 6 })
    .input(jobRef)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => retryJob(ctx.verb, input)),
  retryClass: procedure('jobs.manage')
    .meta({ statements: 8 })
    .input(retryClassInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => retryClass(ctx.verb, input)),
  cancel: procedure('jobs.manage')
    .meta({ statements: 6 })
    .input(jobRef)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => cancelJob(ctx.verb, input)),
  setPriority: procedure('jobs.manage')
    .meta({ statements: 4 })
    .input(jobPriorityInput)
    .output(jobsChanged)
    .mutation(({ ctx, input }) => setJobPriority(ctx.verb, input)),
})
