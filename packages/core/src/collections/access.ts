import { and, eq } from 'drizzle-orm'
import { can, type CollectionAccess, type CollectionId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { listPrincipals, namesOfUsers, type Principal } from './grantees.ts'
import { requireCollection } from './require-collection.ts'

/** Who can see a collection, and why; and who cannot. Throws AppError('not_found'). */
export const readCollectionAccess = async (
  ctx: VerbContext,
  input: { id: CollectionId },
): Promise<CollectionAccess> => {
  authorise(ctx, 'collections.manage')
  const { database } = ctx.deps
  const { orgId } = ctx.actor
  const { collectionGrant } = schema
  const { collection, grants } = await database.tenant(ctx.actor).tx(async (tx) => ({
    collection: await requireCollection(tx, orgId, input.id),
    grants: await tx
      .select()
      .from(collectionGrant)
      .where(and(eq(collectionGrant.orgId, orgId), eq(collectionGrant.collectionId, input.id))),
  }))
  const principals = await listPrincipals(database.auth, orgId)
  const keys = new Map(principals.filter((p) => p.email === null).map((p) => [String(p.grantee.id), p.name]))
  const givers = grants.flatMap(({ grantedBy }) => (grantedBy === null ? [] : [grantedBy]))
  const people = await namesOfUsers(database.auth, givers)
  const grantTo = ({ grantee }: Principal) =>
    grants.find(({ granteeKind, granteeId }) => granteeKind === grantee.kind && granteeId === grantee.id)
  const reasonOf = (one: Principal) => {
    // As the policies ask: the role first, whatever else there is.
    if (can(one.role, 'collections.manage')) return 'role'
    if (collection.visibility === 'organisation') return 'open'
    return grantTo(one) ? 'grant' : null
  }
  const entries = []
  const others = []
  for (const one of principals) {
    const reason = reasonOf(one)
    if (reason === null) {
      others.push(one)
      continue
    }
    const grant = grantTo(one)
    const giver = grant?.grantedBy ?? null
    entries.push({
      ...one,
      reason,
      grantedBy: giver === null ? null : (people.get(giver) ?? keys.get(giver) ?? null),
      grantedAt: grant?.createdAt.toISOString() ?? null,
    } as const)
  }
  return { collection, entries, others }
}
