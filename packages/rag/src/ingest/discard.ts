import { and, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { schema, type TenantDb, type TenantTx } from '@quarry/db'
import { deleteVectors } from '../embed/store-windows.ts'
import { holdClaim, type Claim } from './claim.ts'
import { deleteIndex } from './delete-index.ts'

const { document, documentPage, documentVersion } = schema

const PAGES_PER_TRANSACTION = 500

/** Deletes what an earlier attempt of the claimed version left. */
export async function discardLeftovers(tenantDb: TenantDb, claim: Claim, signal: AbortSignal): Promise<void> {
  const { orgId } = tenantDb.actor
  await deleteIndex(tenantDb, [claim.versionId], {
    signal,
    allowed: (tx) => holdClaim(tx, orgId, claim).then(() => true),
  })
  await deletePages(tenantDb, claim.versionId, signal, (tx) => holdClaim(tx, orgId, claim).then(() => true))
}

/**
 * Deletes chunks and postings of the document's versions that have ended and do not answer questions: the version that
 * was replaced, one that lost against a newer one, one that failed half-way. Pages stay for the citations that refer to
 * them, except a failed version's, which nobody can have cited.
 */
export async function discardReplaced(tenantDb: TenantDb, documentId: string, signal: AbortSignal): Promise<void> {
  const { orgId } = tenantDb.actor
  const ended = await tenantDb.tx((tx) =>
    tx
      .select({ id: documentVersion.id, state: documentVersion.state })
      .from(documentVersion)
      .innerJoin(document, and(eq(document.orgId, documentVersion.orgId), eq(document.id, documentVersion.documentId)))
      .where(
        and(
          eq(documentVersion.orgId, orgId),
          eq(documentVersion.documentId, documentId),
          inArray(documentVersion.state, ['searchable', 'failed']),
          sql`${documentVersion.id} is distinct from ${document.liveVersionId}`,
        ),
      ),
  )
  for (const { id, state } of ended) {
    const still = (tx: TenantTx) => isStill(tx, orgId, documentId, id, state)
    await deleteIndex(tenantDb, [id], { signal, allowed: still })
    // Whoever would write more sees that it is not live.
    await deleteVectors(tenantDb, [id], signal)
    if (state === 'failed') await deletePages(tenantDb, id, signal, still)
  }
}

/** A retry may have taken a failed version up again, or a roll-back made an old one live. Locks the row either way. */
async function isStill(
  tx: TenantTx,
  orgId: string,
  documentId: string,
  versionId: string,
  state: string,
): Promise<boolean> {
  const [live] = await tx
    .select({ id: document.liveVersionId })
    .from(document)
    .where(and(eq(document.orgId, orgId), eq(document.id, documentId)))
    .for('share')
  const [row] = await tx
    .select({ state: documentVersion.state })
    .from(documentVersion)
    .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId)))
    .for('update')
  return live !== undefined && live.id !== versionId && row?.state === state
}

async function deletePages(
  tenantDb: TenantDb,
  versionId: string,
  signal: AbortSignal,
  allowed: (tx: TenantTx) => Promise<boolean>,
): Promise<void> {
  const { orgId } = tenantDb.actor
  for (let from = 0; ; from += PAGES_PER_TRANSACTION) {
    signal.throwIfAborted()
    const more = await tenantDb.tx(async (tx) => {
      const own = and(eq(documentPage.orgId, orgId), eq(documentPage.versionId, versionId))
      const [any] = await tx.select({ ordinal: documentPage.ordinal }).from(documentPage).where(own).limit(1)
      if (any === undefined || !(await allowed(tx))) return false
      await tx
        .delete(documentPage)
        .where(and(own, gt(documentPage.ordinal, from), lte(documentPage.ordinal, from + PAGES_PER_TRANSACTION)))
      return true
    })
    if (!more) return
  }
}
