import { sql } from 'drizzle-orm'
import { jobState, type DocumentId, type DocumentPlace, type JobRunId } from '@quarry/contracts'
import { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { readLines, uuids } from '../jobs/line.ts'
import { standingOf } from '../jobs/standing.ts'

/**
 * Where files stand that are on their way, of those documents that the actor may see: the job that reads their newest
 * version, how many are before it, and for how long. Two statements, however many are asked about.
 */
export const placeDocuments = async (
  ctx: VerbContext,
  { ids }: { ids: readonly DocumentId[] },
): Promise<DocumentPlace[]> => {
  authorise(ctx, 'documents.read')
  const { orgId } = ctx.actor
  const { database } = ctx.deps
  const rows = found.parse(await database.tenant(ctx.actor).tx((tx) => tx.execute(jobsOf(orgId, ids))))
  const queued = rows.flatMap(({ id, state }) => (id !== null && state === 'queued' ? [id] : []))
  // Files that nobody waits for stand in no line.
  const isAsked = rows.some(({ state }) => state !== null && !ENDED.has(state))
  const lines = isAsked ? await readLines(database, orgId, queued) : null
  const now = new Date()
  return rows.map(({ documentId, id, kind, state, ...row }) => {
    const known = { documentId: documentId as DocumentId, jobId: id as JobRunId | null, state }
    if (id === null || kind === null || state === null || lines === null)
      return { ...known, ahead: null, etaSeconds: null, why: null }
    const { ahead, remainingMs, why } = standingOf({ ...row, id, kind, state }, lines, now)
    return { ...known, ahead, why, etaSeconds: remainingMs === null ? null : Math.ceil(remainingMs / 1000) }
  })
}

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled'])

const moment = z.coerce.date().nullable()
const found = z.array(
  z.object({
    documentId: z.string(),
    id: z.string().nullable(),
    kind: z.string().nullable(),
    state: jobState.nullable(),
    ownBefore: z.coerce.number(),
    sizeBytes: z.coerce.number(),
    runAt: moment,
    startedAt: moment,
    progress: z.int().nullable(),
    cancelRequested: z.boolean(),
    errorMessage: z.string().nullable(),
    errorClass: z.string().nullable(),
  }),
)

/** The newest job that reads the newest version of each, and how many of the organisation's are before it. */
const jobsOf = (orgId: string, ids: readonly string[]) => sql`
  with job as (
    select d.id as document_id, v.size_bytes, j.*
    from document d
      join document_version v on v.org_id = d.org_id and v.id = d.latest_version_id
      left join lateral (
        select * from job_run r
        where r.org_id = ${orgId} and r.subject_id = v.id and r.kind = 'document.process'
        order by r.created_at desc limit 1) j on true
    where d.org_id = ${orgId} and v.org_id = ${orgId} and d.id = any (${uuids(ids)})
  ), waiting as (
    select w.id, row_number() over (order by w.priority, w.bulk, w.created_at, w.id) - 1 as before
    from job_run w where w.org_id = ${orgId} and w.kind = 'document.process' and w.state = 'waiting'
      and exists (select from job where job.state = 'waiting')
  ), queued as (
    select count(*) as before from job_run q
    where q.org_id = ${orgId} and q.kind = 'document.process' and q.state = 'queued'
  )
  select job.document_id as "documentId", job.id, job.kind, job.state, job.size_bytes as "sizeBytes",
    case when job.state = 'waiting' then coalesce(waiting.before, 0) + queued.before else 0 end as "ownBefore",
    job.run_at as "runAt", job.started_at as "startedAt", job.progress,
    job.cancel_requested_at is not null as "cancelRequested",
    job.error_message as "errorMessage", job.error_class as "errorClass"
  from job cross join queued left join waiting on waiting.id = job.id`
