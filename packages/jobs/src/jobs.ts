import { z } from 'zod'
import { versionId } from '@quarry/contracts'
import { defineJob, type JobDefinition } from './define-job.ts'

/** Reads an uploaded version, indexes it and puts it in the place of the one before. */
export const documentProcess = defineJob({
  name: 'document.process',
  payload: z.object({ versionId }),
  subject: (payload) => payload.versionId,
  maxAttempts: 5,
  maxCrashes: 5,
  priority: 0,
  // The largest file that is allowed, on a slow disk; reading alone has a shorter limit of its own (PARSE_TIMEOUT_SECONDS).
  deadlineMs: 30 * 60_000,
})

/** Makes the semantic index of a live version. */
export const documentEmbed = defineJob({
  name: 'document.embed',
  payload: z.object({ versionId }),
  subject: (payload) => payload.versionId,
  // Nobody waits for it, and an endpoint may be away for an hour: with the queue's back-off eight take that long.
  maxAttempts: 8,
  maxCrashes: 5,
  // After everything that makes a file searchable by its words.
  priority: 10,
  // 100,000 windows of the built-in model, which a book of 20,000 pages has. What is done stays done.
  deadlineMs: 60 * 60_000,
})

/** Every job there is. What is not in here cannot be enqueued, and what is in here must have a handler in the worker. */
export const JOBS = { [documentProcess.name]: documentProcess, [documentEmbed.name]: documentEmbed } as const

export type JobName = keyof typeof JOBS
export type Job = (typeof JOBS)[JobName]
export type PayloadOf<Name extends JobName> = z.output<(typeof JOBS)[Name]['payload']>

/** The table again, in a form that TypeScript can follow when the name is a variable. */
export const jobNamed = <Name extends JobName>(name: Name): JobDefinition<Name, z.ZodType<PayloadOf<Name>>> => {
  const jobs: { readonly [N in JobName]: JobDefinition<N, z.ZodType<PayloadOf<N>>> } = JOBS
  return jobs[name]
}
