import { and, asc, eq, sql } from 'drizzle-orm'
import { apiKeyId, AppError, role as roleSchema, userId, type Grantee, type OrgId, type Role } from '@quarry/contracts'
import { authSchema, type AccountTx } from '@quarry/db'
import { readKeyRole } from '../accounts/key-secret.ts'

/** Somebody, or something, that a collection can be opened to. */
export interface Principal {
  readonly grantee: Grantee
  readonly name: string
  /** Null for a key. */
  readonly email: string | null
  readonly role: Role
}

const { apikey, member, user } = authSchema

/** The people and then the keys of an organisation, by name. A key that opens nothing (expired, unreadable) is left out. */
export const listPrincipals = async (auth: AccountTx, orgId: OrgId): Promise<Principal[]> => [
  ...(await readPeople(auth, orgId)),
  ...(await readKeys(auth, orgId)),
]

const readPeople = async (auth: AccountTx, orgId: OrgId, userIdOfOne?: string): Promise<Principal[]> => {
  const people = await auth
    .select({ id: user.id, name: user.name, email: user.email, role: member.role })
    .from(member)
    .innerJoin(user, eq(user.id, member.userId))
    .where(
      and(eq(member.organizationId, orgId), userIdOfOne === undefined ? undefined : eq(member.userId, userIdOfOne)),
    )
    .orderBy(asc(sql`lower(${user.name})`), asc(user.email))
  return people.map(({ id, name, email, role }) => ({
    grantee: { kind: 'user' as const, id: userId.parse(id) },
    name,
    email,
    role: roleSchema.parse(role),
  }))
}

const readKeys = async (auth: AccountTx, orgId: OrgId, idOfOne?: string): Promise<Principal[]> => {
  const keys = await auth
    .select({ id: apikey.id, name: apikey.name, metadata: apikey.metadata })
    .from(apikey)
    .where(
      and(
        eq(apikey.referenceId, orgId),
        idOfOne === undefined ? undefined : eq(apikey.id, idOfOne),
        sql`${apikey.enabled} is not false and coalesce(${apikey.expiresAt} > now(), true)`,
      ),
    )
    .orderBy(asc(sql`lower(${apikey.name})`), asc(apikey.id))
  return keys.flatMap(({ id, name, metadata }) => {
    const role = readKeyRole(metadata)
    if (role === null) return []
    return [{ grantee: { kind: 'api_key' as const, id: apiKeyId.parse(id) }, name: name ?? '', email: null, role }]
  })
}

/** Throws AppError('not_found') for who is no member, and what is no key, of the organisation. */
export const requireGrantee = async (auth: AccountTx, orgId: OrgId, { kind, id }: Grantee): Promise<Principal> => {
  const [found] = await (kind === 'user' ? readPeople(auth, orgId, id) : readKeys(auth, orgId, id))
  if (!found) throw new AppError('not_found')
  return found
}

/** Names of people by id, of those that are still there. */
export const namesOfUsers = async (auth: AccountTx, ids: readonly string[]): Promise<Map<string, string>> => {
  if (ids.length === 0) return new Map()
  const rows = await auth
    .select({ id: user.id, name: user.name })
    .from(user)
    .where(sql`${user.id} = any(${`{${ids.join(',')}}`}::uuid[])`)
  return new Map(rows.map(({ id, name }) => [id, name]))
}
