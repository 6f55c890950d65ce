import { and, eq, inArray } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { emitSignals, schema, type TenantTx } from '@quarry/db'

const { collectionGrant } = schema

/** Takes away every grant of these people and keys. Who looks at a list of who sees what reads it again. */
export const endGrants = async (tx: TenantTx, orgId: OrgId, granteeIds: readonly string[]): Promise<void> => {
  const ended = await tx
    .delete(collectionGrant)
    .where(and(eq(collectionGrant.orgId, orgId), inArray(collectionGrant.granteeId, [...granteeIds])))
    .returning({ collectionId: collectionGrant.collectionId })
  const collections = new Set(ended.map(({ collectionId }) => collectionId))
  await emitSignals(
    tx,
    [...collections].map((subjectId) => ({ topic: 'collection', subjectId })),
  )
}
