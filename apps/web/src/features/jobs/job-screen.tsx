'use client'

import type { JobRunId } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Forbidden } from '../session/forbidden.tsx'
import { useCan } from '../session/use-me.ts'
import { JobView } from './job-view.tsx'
import { useWorkspaceJobs } from './use-workspace-jobs.ts'

/** How many jobs are before it changes with those of others, too, which no signal tells. */
const REFRESH_MS = 10_000

export const JobScreen = ({ id }: { id: JobRunId }) =>
  useCan('jobs.manage') ? <Job id={id} /> : <Forbidden title={t('jobs.forbidden.title')} />

const Job = ({ id }: { id: JobRunId }) => {
  const scope = useWorkspaceJobs()
  const query = useQuery(
    useTRPC().jobs.get.queryOptions(
      { id },
      { staleTime: 0, refetchInterval: ({ state }) => (state.data?.finishedAt === null ? REFRESH_MS : false) },
    ),
  )
  return <JobView query={query} scope={scope} />
}
