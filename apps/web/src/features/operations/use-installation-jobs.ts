'use client'

import type { JobItem } from '@quarry/contracts'
import { useMemo } from 'react'
import { useTRPC, useTRPCClient } from '../../trpc/client.ts'
import type { JobScope } from '../jobs/job-scope.ts'

/** An operator says of which workspace a job is. */
const refOf = ({ id, organisation }: JobItem) => {
  if (organisation === null) throw new Error('a job of all workspaces says whose it is')
  return { id, orgId: organisation.id }
}

/** The jobs of all workspaces, for who looks after the installation. */
export const useInstallationJobs = (): JobScope => {
  const trpc = useTRPC()
  const client = useTRPCClient()
  return useMemo(
    () => ({
      retry: (job) => client.operations.retry.mutate(refOf(job)),
      cancel: (job) => client.operations.cancel.mutate(refOf(job)),
      prioritise: (job, priority) => client.operations.setPriority.mutate({ ...refOf(job), priority }),
      retryClass: (kind, errorClass) => client.operations.retryClass.mutate({ kind, errorClass }),
      hrefOf: ({ id, organisation }) => `/operations/jobs/${organisation?.id}/${id}`,
      listPath: '/operations/jobs',
      all: trpc.operations.pathFilter(),
      lists: trpc.operations.jobs.pathFilter(),
      single: trpc.operations.job.pathFilter(),
    }),
    [client, trpc],
  )
}
