import type { JobOverview } from '@quarry/contracts'
import type { OperatorContext } from '../context.ts'
import { readInstallationOverview } from '../jobs/overview.ts'

/** What there is to do in all organisations together, and what became of it in the last hour or day. */
export const readAllJobsOverview = (
  { deps: { database } }: OperatorContext,
  { range }: { range: 'hour' | 'day' },
): Promise<JobOverview> => readInstallationOverview(database, range)
