import { and, eq, isNull, lt, or, sql } from 'drizzle-orm'
import { apiKeyId, orgId, role, userId } from '@quarry/contracts'
import { authSchema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'
import { hashKey, KEY_PREFIX, readKeyRole } from './key-secret.ts'
import type { Asker, KnownCaller } from './known-caller.ts'

/** How exact "last used" is. A write per request would make the busiest key the slowest. */
const LAST_USED_EVERY = sql`interval '1 minute'`

/** Whom somebody acts as; null with `isClosedOut` where that organisation is closed. */
export interface FoundMember {
  readonly actor: Asker | null
  readonly isClosedOut: boolean
}

/**
 * The person as a member of the organisation that their session is in, or of their oldest one, open ones before closed
 * ones. No actor when they are a member of none.
 */
export const findMember = async (
  { database }: Pick<CoreDeps, 'database'>,
  session: { readonly userId: string; readonly activeOrganizationId: string | null },
): Promise<FoundMember> => {
  const { member, organization } = authSchema
  const [row] = await database.auth
    .select({
      organizationId: member.organizationId,
      role: member.role,
      isClosed: sql<boolean>`${organization.closedAt} is not null`,
    })
    .from(member)
    .innerJoin(organization, eq(organization.id, member.organizationId))
    .where(eq(member.userId, session.userId))
    .orderBy(
      sql`${member.organizationId}::text = ${session.activeOrganizationId ?? ''} desc`,
      sql`${organization.closedAt} is not null`,
      member.createdAt,
      member.id,
    )
    .limit(1)
  if (!row || row.isClosed) return { actor: null, isClosedOut: row?.isClosed ?? false }
  const actor: Asker = {
    kind: 'user',
    id: userId.parse(session.userId),
    orgId: orgId.parse(row.organizationId),
    role: role.parse(row.role),
  }
  return { actor, isClosedOut: false }
}

/**
 * The principal that a key stands for; null when it is unknown, switched off or expired, or its organisation is no more.
 * One SELECT, by hash.
 */
export const findKey = async (
  { database }: Pick<CoreDeps, 'database'>,
  secret: string,
): Promise<KnownCaller | null> => {
  if (!secret.startsWith(KEY_PREFIX)) return null
  const { apikey, organization } = authSchema
  const [row] = await database.auth
    .select({
      id: apikey.id,
      referenceId: apikey.referenceId,
      metadata: apikey.metadata,
      enabled: apikey.enabled,
      expiresAt: apikey.expiresAt,
      expired: sql<boolean>`coalesce(${apikey.expiresAt} <= now(), false)`,
      isClosed: sql<boolean>`${organization.closedAt} is not null`,
    })
    .from(apikey)
    .innerJoin(organization, sql`${organization.id} = ${apikey.referenceId}::uuid`)
    .where(eq(apikey.key, hashKey(secret)))
  if (!row || row.enabled === false || row.expired) return null
  const keyRole = readKeyRole(row.metadata)
  if (keyRole === null) return null
  if (row.isClosed) return { actor: null, isClosedOut: true, person: null, expiresAt: null }
  return {
    actor: { kind: 'api_key', id: apiKeyId.parse(row.id), orgId: orgId.parse(row.referenceId), role: keyRole },
    person: null,
    expiresAt: row.expiresAt?.getTime() ?? null,
  }
}

/** That a key was used just now, unless somebody has said so in this minute. Never throws. */
export const noteKeyUse = async (
  { database, logger }: Pick<CoreDeps, 'database' | 'logger'>,
  id: string,
): Promise<void> => {
  const { apikey } = authSchema
  await database.auth
    .update(apikey)
    .set({ lastRequest: sql`now()` })
    .where(
      and(eq(apikey.id, id), or(isNull(apikey.lastRequest), lt(apikey.lastRequest, sql`now() - ${LAST_USED_EVERY}`))),
    )
    .catch((err: unknown) => logger.warn({ err }, 'the last use of a key could not be noted'))
}
