import { and, desc, eq, gte, inArray, lt, sql, type SQL } from 'drizzle-orm'
import { UNFINISHED_JOB_STATES, type JobItem, type listJobsInput, type Page } from '@quarry/contracts'
import { keysetAfter, pageOfRows, schema, type TenantTx } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { chooseJobs, ofVersion, selectJobs, toOwnJobItem } from './job-row.ts'

const { document, documentVersion, jobRun } = schema
type Input = z.infer<typeof listJobsInput>

/** Versions of one document whose jobs are looked for: more than anybody has uploaded of one file. */
const MOST_VERSIONS = 1000

export const NEWEST_JOBS_FIRST = [desc(jobRun.enqueuedAt), desc(jobRun.id)]

/** Jobs of the organisation, newest first, with the documents that they are about. */
export const listJobs = async (ctx: VerbContext, input: Input): Promise<Page<JobItem>> => {
  authorise(ctx, 'jobs.manage')
  const { orgId } = ctx.actor
  const rows = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const subjects = input.documentId ? await versionsOf(tx, orgId, input.documentId) : null
    if (subjects?.length === 0) return []
    const chosen = chooseJobs(tx)
      .where(
        and(
          eq(jobRun.orgId, orgId),
          jobFilters(input),
          subjects ? inArray(jobRun.subjectId, subjects) : undefined,
          input.query ? aboutPath(tx, orgId, input.query) : undefined,
        ),
      )
      .orderBy(...NEWEST_JOBS_FIRST)
      .limit(input.limit + 1)
    return selectJobs(tx, chosen).orderBy(...NEWEST_JOBS_FIRST)
  })
  return pageOfRows(rows, input.limit, ({ cursorAt, id }) => ({ at: cursorAt, id }), toOwnJobItem)
}

/** What the lists of an organisation and of the installation are both filtered by. */
export const jobFilters = (
  input: Pick<Input, 'state' | 'kind' | 'errorClass' | 'from' | 'to' | 'cursor'>,
): SQL | undefined =>
  and(
    input.state === 'unfinished' ? isUnfinished : input.state ? eq(jobRun.state, input.state) : undefined,
    input.kind ? eq(jobRun.kind, input.kind) : undefined,
    input.errorClass ? eq(jobRun.errorClass, input.errorClass) : undefined,
    input.from ? gte(jobRun.enqueuedAt, new Date(input.from)) : undefined,
    input.to ? lt(jobRun.enqueuedAt, new Date(input.to)) : undefined,
    keysetAfter(jobRun.enqueuedAt, jobRun.id, input.cursor),
  )

/** Spelt out: with values in place of the words no partial index would be found. */
export const isUnfinished = sql.raw(
  `"job_run"."state" in (${UNFINISHED_JOB_STATES.map((state) => `'${state}'`).join(', ')})`,
)

/** Of a document that is not there or may not be seen: none. */
const versionsOf = async (tx: TenantTx, orgId: string, documentId: string): Promise<string[]> => {
  const rows = await tx
    .select({ id: documentVersion.id })
    .from(documentVersion)
    .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.documentId, documentId)))
    .limit(MOST_VERSIONS)
  return rows.map(({ id }) => id)
}

/** Jobs about documents in whose path all these words stand, in any order. */
const aboutPath = (tx: TenantTx, orgId: string, query: string): SQL => {
  const words = query.normalize('NFC').split(/\s+/u).filter(Boolean)
  const versions = tx
    .select({ id: documentVersion.id })
    .from(documentVersion)
    .innerJoin(document, ofVersion)
    .where(
      and(
        eq(documentVersion.orgId, orgId),
        eq(document.orgId, orgId),
        ...words.map((word) => sql`strpos(lower(${document.sourcePath}), lower(${word})) > 0`),
      ),
    )
  return inArray(jobRun.subjectId, versions)
}
