import type { Actor, AuditAction } from '@quarry/contracts'
import { recordAudit, type TenantTx } from '@quarry/db'
import type { HeldJob } from './held-jobs.ts'

/** Who changes something about jobs: a member, or an owner of the installation in another's organisation. */
export interface Changer {
  readonly actor: Actor
  readonly requestId: string
  /** Set where an owner of the installation does it. */
  readonly operator?: true
}

/** Writes to the log of the job's organisation what was done to it. */
export const recordJobChange = (
  tx: TenantTx,
  { actor, requestId, operator }: Changer,
  action: AuditAction,
  job: HeldJob,
  details: Record<string, unknown> = {},
): Promise<void> =>
  recordAudit(tx, {
    actor,
    action,
    subjectKind: 'job',
    subjectId: job.id,
    details: { kind: job.kind, documentId: job.documentId, ...details, ...(operator && { operator }) },
    requestId,
  })

/** The same of many that failed in the same way, once for all of them. */
export const recordClassRetry = (
  tx: TenantTx,
  { actor, requestId, operator }: Changer,
  { kind, errorClass, jobs }: { kind: string; errorClass: string; jobs: number },
): Promise<void> =>
  recordAudit(tx, {
    actor,
    action: 'job.retry',
    subjectKind: 'job',
    subjectId: kind,
    details: { kind, errorClass, jobs, ...(operator && { operator }) },
    requestId,
  })
