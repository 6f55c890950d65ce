import type { Actor } from '@quarry/contracts'
import { recordAudit, type AccountTx, type AuditEntry, type Database, type TenantTx } from '@quarry/db'

/**
 * Writes better-auth's tables, then, in the same transaction, the audit and whatever belongs to it in the
 * organisation. From `inOrganisation` on the transaction is the actor's, and better-auth's tables are out of reach.
 */
export const auditedWrite = <T>(
  database: Database,
  actor: Actor,
  write: (tx: AccountTx) => Promise<{ result: T; audit: AuditEntry }>,
  inOrganisation: (tx: TenantTx) => Promise<void> = () => Promise.resolve(),
): Promise<T> =>
  database.accounts(async (tx, enter) => {
    const { result, audit } = await write(tx)
    const tenantTx = await enter(actor)
    await inOrganisation(tenantTx)
    await recordAudit(tenantTx, audit)
    return result
  })
