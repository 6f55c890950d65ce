import { and, eq } from 'drizzle-orm'
import type { CollectionId, DocumentId, JobItem, JobKind, JobRunId, OrgId } from '@quarry/contracts'
import { keysetMoment, schema, type TenantTx } from '@quarry/db'

const { document, documentVersion, jobRun } = schema

/** Of a job's row what is shown of it, to people of its organisation and to operators. */
export const jobColumns = {
  orgId: jobRun.orgId,
  id: jobRun.id,
  kind: jobRun.kind,
  subjectId: jobRun.subjectId,
  state: jobRun.state,
  payload: jobRun.payload,
  bulk: jobRun.bulk,
  priority: jobRun.priority,
  attempt: jobRun.attempt,
  maxAttempts: jobRun.maxAttempts,
  stage: jobRun.stage,
  progress: jobRun.progress,
  worker: jobRun.worker,
  errorClass: jobRun.errorClass,
  errorMessage: jobRun.errorMessage,
  runAt: jobRun.runAt,
  enqueuedAt: jobRun.enqueuedAt,
  startedAt: jobRun.startedAt,
  finishedAt: jobRun.finishedAt,
  cancelRequestedAt: jobRun.cancelRequestedAt,
  cursorAt: keysetMoment(jobRun.enqueuedAt),
}

/** The version that a job is about. */
export const ofSubject = and(eq(documentVersion.orgId, jobRun.orgId), eq(documentVersion.id, jobRun.subjectId))
/** Its document. */
export const ofVersion = and(eq(document.orgId, documentVersion.orgId), eq(document.id, documentVersion.documentId))

/** Jobs without what they are about: to choose some of them before `selectJobs` looks at their documents. */
export const chooseJobs = (tx: TenantTx) => tx.select().from(jobRun).$dynamic()

/** Jobs with their documents, as far as they are there and the actor may see them. */
export const selectJobs = (tx: TenantTx, chosen = chooseJobs(tx)) =>
  tx
    .select({
      ...jobColumns,
      documentId: document.id,
      collectionId: document.collectionId,
      path: document.sourcePath,
      versionState: documentVersion.state,
      sizeBytes: documentVersion.sizeBytes,
    })
    .from(chosen.as('job_run'))
    .leftJoin(documentVersion, ofSubject)
    .leftJoin(document, ofVersion)
    .$dynamic()

export type JobRow = Awaited<ReturnType<typeof selectJobs>>[number]
/** Without what it is about, which is not shown to operators. */
export type BareJobRow = Pick<JobRow, keyof typeof jobColumns>

/** Ids come from columns of the type uuid. `organisation`: for operators. */
export const toJobItem = (row: BareJobRow, about: Pick<JobItem, 'organisation' | 'document'>): JobItem => ({
  id: row.id as JobRunId,
  kind: row.kind as JobKind,
  state: row.state,
  ...about,
  bulk: row.bulk,
  priority: row.priority,
  attempt: row.attempt,
  maxAttempts: row.maxAttempts,
  stage: row.stage,
  progress: row.progress,
  worker: row.worker,
  errorClass: row.errorClass,
  errorMessage: row.errorMessage,
  cancelRequested: row.cancelRequestedAt !== null,
  enqueuedAt: row.enqueuedAt.toISOString(),
  startedAt: row.startedAt?.toISOString() ?? null,
  finishedAt: row.finishedAt?.toISOString() ?? null,
})

/** A job as the people of its organisation see it. */
export const toOwnJobItem = (row: JobRow): JobItem => toJobItem(row, { organisation: null, document: documentOf(row) })

/** A job as owners of the installation see it: whose it is, and not what it is about. */
export const toForeignJobItem = (row: BareJobRow, organisationName: string): JobItem =>
  toJobItem(row, { organisation: { id: row.orgId as OrgId, name: organisationName }, document: null })

const documentOf = ({ documentId, collectionId, path }: JobRow): JobItem['document'] =>
  documentId === null || collectionId === null || path === null
    ? null
    : { id: documentId as DocumentId, collectionId: collectionId as CollectionId, path }
