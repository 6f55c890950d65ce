import type { Actor, AuditAction } from '@quarry/contracts'
import { newId } from './ids.ts'
import { auditEvent } from './schema/index.ts'
import type { TenantTx } from './tenant.ts'

export interface AuditEntry {
  readonly actor: Actor
  readonly action: AuditAction
  readonly subjectKind: string
  readonly subjectId: string
  /** Ids, names and numbers; no document text. */
  readonly details?: Record<string, unknown>
  readonly requestId: string | null
}

/** Writes who did what. In the transaction that does it: both happen, or neither. */
export const recordAudit = async (tx: TenantTx, entry: AuditEntry): Promise<void> => {
  await tx.insert(auditEvent).values({
    orgId: entry.actor.orgId,
    id: newId(),
    actorKind: entry.actor.kind,
    actorId: entry.actor.id,
    action: entry.action,
    subjectKind: entry.subjectKind,
    subjectId: entry.subjectId,
    details: entry.details ?? {},
    requestId: entry.requestId,
  })
}
