'use client'

import type { JobRunId, OrgId } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../../trpc/client.ts'
import { JobView } from '../jobs/job-view.tsx'
import { OperatorsOnly } from './operators-only.tsx'
import { REFRESH_MS } from './refresh.ts'
import { useInstallationJobs } from './use-installation-jobs.ts'

interface AnyJobProps {
  job: { readonly orgId: OrgId; readonly id: JobRunId }
}

/** A job of any workspace. */
export const AnyJobScreen = ({ job }: AnyJobProps) => (
  <OperatorsOnly>
    <AnyJob job={job} />
  </OperatorsOnly>
)

const AnyJob = ({ job }: AnyJobProps) => {
  const scope = useInstallationJobs()
  const query = useQuery(
    useTRPC().operations.job.queryOptions(job, {
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data?.finishedAt === null ? REFRESH_MS : false),
    }),
  )
  return <JobView query={query} scope={scope} />
}
