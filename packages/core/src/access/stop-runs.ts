import { and, eq, isNull, notInArray, sql, type SQL } from 'drizzle-orm'
import type { CollectionId, OrgId } from '@quarry/contracts'
import { emitSignals, schema, type TenantTx } from '@quarry/db'

const { collectionGrant, run } = schema

/**
 * Ends the answers that are being written for a person or key, wherever that is; what is written stays theirs. In a
 * system actor's transaction: runs are their owner's alone.
 */
export const stopRunsOf = (tx: TenantTx, orgId: OrgId, ownerId: string): Promise<void> =>
  stopRuns(tx, orgId, eq(run.ownerId, ownerId))

/** Ends all answers of an organisation. */
export const stopAllRuns = (tx: TenantTx, orgId: OrgId): Promise<void> => stopRuns(tx, orgId, undefined)

/** Ends the answers that may draw on a restricted collection, of who may not see it by now. */
export const stopRunsWithoutAccess = (
  tx: TenantTx,
  orgId: OrgId,
  collectionId: CollectionId,
  managerIds: readonly string[],
): Promise<void> => {
  const granted = tx
    .select({ id: collectionGrant.granteeId })
    .from(collectionGrant)
    .where(and(eq(collectionGrant.orgId, orgId), eq(collectionGrant.collectionId, collectionId)))
  const filter = sql`${run.scope} -> 'collectionIds'`
  return stopRuns(
    tx,
    orgId,
    and(
      notInArray(run.ownerId, granted),
      managerIds.length > 0 ? notInArray(run.ownerId, [...managerIds]) : undefined,
      sql`(coalesce(${filter}, 'null') = 'null' or ${filter} @> ${JSON.stringify([collectionId])}::jsonb)`,
    ),
  )
}

const stopRuns = async (tx: TenantTx, orgId: OrgId, which: SQL | undefined): Promise<void> => {
  const stopped = await tx
    .update(run)
    .set({ stopRequestedAt: sql`now()` })
    .where(and(eq(run.orgId, orgId), eq(run.state, 'running'), isNull(run.stopRequestedAt), which))
    .returning({ id: run.id })
  await emitSignals(
    tx,
    stopped.map(({ id }) => ({ topic: 'run.stop', subjectId: id })),
  )
}
