import { and, eq } from 'drizzle-orm'
import type { JobItem, listAllJobsInput, OrgId, Page } from '@quarry/contracts'
import { pageOfRows, schema } from '@quarry/db'
import type { z } from 'zod'
import type { OperatorContext } from '../context.ts'
import { jobColumns, toForeignJobItem } from '../jobs/job-row.ts'
import { jobFilters, NEWEST_JOBS_FIRST } from '../jobs/list.ts'
import { organisationNames } from './organisation-names.ts'

/** Jobs of all organisations, newest first: whose they are, and nothing of what they are about. */
export const listAllJobs = async (
  { deps: { database } }: OperatorContext,
  input: z.infer<typeof listAllJobsInput>,
): Promise<Page<JobItem>> => {
  const { jobRun } = schema
  const rows = await database.system((tx) =>
    tx
      .select(jobColumns)
      .from(jobRun)
      .where(and(input.orgId ? eq(jobRun.orgId, input.orgId) : undefined, jobFilters(input)))
      .orderBy(...NEWEST_JOBS_FIRST)
      .limit(input.limit + 1),
  )
  const nameOf = await organisationNames(
    database,
    rows.map(({ orgId }) => orgId as OrgId),
  )
  return pageOfRows(
    rows,
    input.limit,
    ({ cursorAt, id }) => ({ at: cursorAt, id }),
    (row) => toForeignJobItem(row, nameOf(row.orgId)),
  )
}
