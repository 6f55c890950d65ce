import type { Actor } from '@quarry/contracts'
import { recordAudit, type AccountTx, type AuditEntry, type Database, type TenantTx } from '@quarry/db'

export interface AuditedWrite<T> {
  readonly result: T
  /** Null when there was nothing to do, and so nothing to tell. */
  readonly audit: AuditEntry | null
  /** What belongs to it in the organisation. */
  readonly inOrganisation?: (tx: TenantTx) => Promise<void>
}

/**
 * Writes better-auth's tables, then, in the same transaction, the audit and whatever belongs to it in the
 * organisation. From there on the transaction is `enterAs`'s, and better-auth's tables are out of reach.
 */
export const auditedWrite = <T>(
  database: Database,
  enterAs: Actor,
  write: (tx: AccountTx) => Promise<AuditedWrite<T>>,
): Promise<T> =>
  database.accounts(async (tx, enter) => {
    const { result, audit, inOrganisation } = await write(tx)
    const tenantTx = await enter(enterAs)
    await inOrganisation?.(tenantTx)
    if (audit) await recordAudit(tenantTx, audit)
    return result
  })
