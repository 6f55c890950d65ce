'use client'

import { useMemo } from 'react'
import { useTRPC, useTRPCClient } from '../../trpc/client.ts'
import type { JobScope } from './job-scope.ts'

/** The jobs of the workspace that one is in, for its owners and admins. */
export const useWorkspaceJobs = (): JobScope => {
  const trpc = useTRPC()
  const client = useTRPCClient()
  return useMemo(
    () => ({
      retry: ({ id }) => client.jobs.retry.mutate({ id }),
      cancel: ({ id }) => client.jobs.cancel.mutate({ id }),
      prioritise: ({ id }, priority) => client.jobs.setPriority.mutate({ id, priority }),
      retryClass: (kind, errorClass) => client.jobs.retryClass.mutate({ kind, errorClass }),
      hrefOf: ({ id }) => `/jobs/${id}`,
      listPath: '/jobs',
      all: trpc.jobs.pathFilter(),
      lists: trpc.jobs.list.pathFilter(),
      single: trpc.jobs.get.pathFilter(),
    }),
    [client, trpc],
  )
}
