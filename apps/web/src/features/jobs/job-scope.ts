import type { jobDetail, JobItem, JobKind, jobsChanged, Page } from '@quarry/contracts'
import { type QueryFilters, useMutation, useQueryClient } from '@tanstack/react-query'
import type { z } from 'zod'
import { t } from '../../i18n/translate.ts'
import { notify, notifyProblem } from '../ui/toast.tsx'
import { jobName, priorityName } from './job-words.ts'

type Changed = z.infer<typeof jobsChanged>
type Detail = z.infer<typeof jobDetail>

/** Whose jobs: those of one workspace, or of all. What is shown and done is the same; who is asked is not. */
export interface JobScope {
  readonly retry: (job: JobItem) => Promise<Changed>
  readonly cancel: (job: JobItem) => Promise<Changed>
  readonly prioritise: (job: JobItem, priority: number) => Promise<Changed>
  readonly retryClass: (kind: JobKind, errorClass: string) => Promise<Changed>
  readonly hrefOf: (job: JobItem) => string
  /** The list's own address, which filters are added to. */
  readonly listPath: string
  /** Everything that a change may have changed, and of it the lists and the single jobs. */
  readonly all: QueryFilters
  readonly lists: QueryFilters
  readonly single: QueryFilters
}

interface Target {
  readonly job: JobItem
  readonly shown: Partial<JobItem>
}

/**
 * Retrying, cancelling and changing the priority: shown at once, with what to say afterwards. What is shown before the
 * answer is only what was asked for; the answer, or the refusal, has it read again.
 */
export const useJobActions = (scope: JobScope) => {
  const queryClient = useQueryClient()
  const show = async ({ job, shown }: Target) => {
    // An answer that was asked for before would show it as it was.
    await queryClient.cancelQueries(scope.all)
    const patch = <T extends JobItem>(one: T): T => (one.id === job.id ? { ...one, ...shown } : one)
    queryClient.setQueriesData<Page<JobItem>>(scope.lists, (page) => page && { ...page, items: page.items.map(patch) })
    queryClient.setQueriesData<Detail>(scope.single, (one) => one && patch(one))
  }
  const options = {
    onMutate: show,
    onError: notifyProblem,
    onSettled: () => void queryClient.invalidateQueries(scope.all),
  }
  const say = ({ changed }: Changed, title: string) => notify({ title: changed === 0 ? t('jobs.unchanged') : title })
  const retry = useMutation({
    ...options,
    mutationFn: ({ job }: Target) => scope.retry(job),
    onSuccess: (answer, { job }) => say(answer, t('jobs.retried', { name: jobName(job) })),
  })
  const cancel = useMutation({
    ...options,
    mutationFn: ({ job }: Target) => scope.cancel(job),
    onSuccess: (answer, { job }) =>
      say(answer, t(job.state === 'running' ? 'jobs.cancelling' : 'jobs.cancelled', { name: jobName(job) })),
  })
  const prioritise = useMutation({
    ...options,
    mutationFn: ({ job, priority }: Target & { priority: number }) => scope.prioritise(job, priority),
    onSuccess: (answer, { job, priority }) =>
      say(answer, t('jobs.prioritised', { name: jobName(job), priority: priorityName(priority) })),
  })
  const retryClass = useMutation({
    onError: notifyProblem,
    onSettled: options.onSettled,
    mutationFn: ({ kind, errorClass }: { kind: JobKind; errorClass: string }) => scope.retryClass(kind, errorClass),
    onSuccess: ({ changed }) => notify({ title: t('jobs.retriedMany', { count: changed }) }),
  })
  return {
    retry: (job: JobItem) =>
      retry.mutate({ job, shown: { state: 'waiting', errorClass: null, errorMessage: null, finishedAt: null } }),
    cancel: (job: JobItem) => cancel.mutate({ job, shown: { cancelRequested: true } }),
    prioritise: (job: JobItem, priority: number) => prioritise.mutate({ job, priority, shown: { priority } }),
    retryClass,
    busy: retry.isPending || cancel.isPending || prioritise.isPending,
  }
}
export type JobActions = ReturnType<typeof useJobActions>
