import { and, eq, inArray } from 'drizzle-orm'
import type { ApiKey, OrgId } from '@quarry/contracts'
import { authSchema, type AccountTx } from '@quarry/db'
import { readKeyMetadata } from '../accounts/key-secret.ts'

/** By the id of the person or key that made a key. */
export type Makers = ReadonlyMap<string, NonNullable<ApiKey['madeBy']>>

/** Who made these keys, and whether they are still there: a key outlives its maker's membership. */
export const readMakers = async (
  auth: AccountTx,
  orgId: OrgId,
  rows: readonly { readonly metadata: string | null }[],
): Promise<Makers> => {
  const { apikey, member, user } = authSchema
  const ids = rows.flatMap(({ metadata }) => readKeyMetadata(metadata)?.madeBy?.id ?? [])
  if (ids.length === 0) return new Map()
  const people = await auth
    .select({ id: user.id, name: user.name, email: user.email, memberId: member.id })
    .from(user)
    .leftJoin(member, and(eq(member.userId, user.id), eq(member.organizationId, orgId)))
    .where(inArray(user.id, ids))
  const keys = await auth
    .select({ id: apikey.id, name: apikey.name })
    .from(apikey)
    .where(and(eq(apikey.referenceId, orgId), inArray(apikey.id, ids)))
  return new Map<string, NonNullable<ApiKey['madeBy']>>([
    ...people.map(({ id, name, email, memberId }) => [id, { name, email, isThere: memberId !== null }] as const),
    ...keys.map(({ id, name }) => [id, { name: name ?? '', email: null, isThere: true }] as const),
  ])
}
