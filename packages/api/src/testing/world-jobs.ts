import type { DocumentId, JobRunId, VersionId } from '@quarry/contracts'
import { newId } from '@quarry/db'
import type { TestDatabase, TestTenant } from '@quarry/db/testing'

export interface WorldJobs {
  /** Its attempts are used up; the version that it is about has failed with it. */
  readonly failed: JobRunId
  /** Waits for its turn. */
  readonly waiting: JobRunId
}

interface About {
  readonly documentId: DocumentId
  readonly versionId: VersionId
}

/** Why the failed job failed: a class of errors of this organisation's own. */
export const failureOf = ({ orgId }: Pick<TestTenant, 'orgId'>): string => `crashed-${orgId}`

/** Of a failed version the job that read it, and of a searchable one a job that is to index it by meaning. */
export const createJobs = async (
  { owner }: TestDatabase,
  tenant: TestTenant,
  { failed, searchable }: { readonly failed: About; readonly searchable: About },
): Promise<WorldJobs> => {
  const ids = { failed: newId() as JobRunId, waiting: newId() as JobRunId }
  await owner.unsafe(
    `insert into job_run (org_id, id, kind, subject_id, state, payload, attempt, max_attempts, worker, error_class,
       error_message, started_at, finished_at)
     values ($1, $2, 'document.process', $3::uuid, 'failed', jsonb_build_object('versionId', $3::uuid), 5, 5, 'pool', $4,
       'The worker was lost.', now() - interval '2 seconds', now())`,
    [tenant.orgId, ids.failed, failed.versionId, failureOf(tenant)],
  )
  await owner.unsafe(
    `insert into job_attempt (org_id, job_run_id, attempt, worker, state, finished_at, stages, error_class, error_stack)
     values ($1, $2, 5, 'pool', 'failed', now(), '[{"stage": "reading", "at": "2026-01-01T00:00:00.000Z"}]', $3, 'at read (read-file.ts:1)')`,
    [tenant.orgId, ids.failed, failureOf(tenant)],
  )
  await owner.unsafe(
    `insert into job_run (org_id, id, kind, subject_id, state, payload, max_attempts)
     values ($1, $2, 'document.embed', $3::uuid, 'waiting', jsonb_build_object('versionId', $3::uuid), 8)`,
    [tenant.orgId, ids.waiting, searchable.versionId],
  )
  return ids
}
