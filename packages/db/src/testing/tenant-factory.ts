import type { Actor, ApiKeyId, CollectionId, OrgId, Role, UserId } from '@quarry/contracts'
import { newId } from '../ids.ts'
import { collection, collectionGrant } from '../schema/index.ts'
import type { TenantDb } from '../tenant.ts'
import type { TestDatabase } from './test-database.ts'

/** An organisation of its own: nothing that another suite does can be seen in it. */
export interface TestTenant {
  readonly orgId: OrgId
  readonly name: string
  readonly owner: Actor
  readonly admin: Actor
  readonly member: Actor
  readonly viewer: Actor
  /** An API key with the role of a member. */
  readonly apiKey: Actor
  /** A job. */
  readonly system: Actor
  as(actor: Actor): TenantDb
}

const ROLES = ['owner', 'admin', 'member', 'viewer'] as const

/** Makes an organisation with a member of each role and an API key, in better-auth's tables. */
export const createTenant = async ({
  database,
  owner,
}: Pick<TestDatabase, 'database' | 'owner'>): Promise<TestTenant> => {
  const orgId = newId() as OrgId
  const name = `Organisation ${orgId.slice(-6)}`
  await owner.unsafe(`insert into auth.organization (id, name, slug) values ($1, $2, $3)`, [orgId, name, orgId])
  const users = {} as Record<Role, Actor>
  for (const role of ROLES) {
    const id = newId() as UserId
    await owner.unsafe(`insert into auth."user" (id, name, email, email_verified) values ($1, $2, $3, true)`, [
      id,
      `The ${role}`,
      `${role}-${id}@quarry.test`,
    ])
    await owner.unsafe(`insert into auth.member (organization_id, user_id, role) values ($1, $2, $3)`, [
      orgId,
      id,
      role,
    ])
    users[role] = { kind: 'user', id, orgId, role }
  }
  const keyId = newId() as ApiKeyId
  await owner.unsafe(
    `insert into auth.apikey (id, config_id, name, reference_id, key, metadata) values ($1, 'organisation', 'test', $2, $3, $4)`,
    [keyId, orgId, `hash of ${keyId}`, JSON.stringify({ role: 'member' })],
  )
  return {
    orgId,
    name,
    ...users,
    apiKey: { kind: 'api_key', id: keyId, orgId, role: 'member' },
    system: { kind: 'system', id: null, orgId, role: 'owner' },
    as: (actor) => database.tenant(actor),
  }
}

export const createCollection = async (
  tenant: TestTenant,
  options: { readonly name?: string; readonly visibility?: 'organisation' | 'restricted' } = {},
): Promise<CollectionId> => {
  const id = newId() as CollectionId
  const { name = `Collection ${id.slice(-6)}`, visibility = 'organisation' } = options
  await tenant.as(tenant.owner).tx((tx) => tx.insert(collection).values({ orgId: tenant.orgId, id, name, visibility }))
  return id
}

/** Lets a user or an API key into a restricted collection. */
export const grantCollection = async (
  tenant: TestTenant,
  collectionId: CollectionId,
  grantee: Actor,
): Promise<void> => {
  if (grantee.kind === 'system') throw new TypeError('a job needs no grant')
  const { kind, id } = grantee
  await tenant
    .as(tenant.owner)
    .tx((tx) =>
      tx.insert(collectionGrant).values({ orgId: tenant.orgId, collectionId, granteeKind: kind, granteeId: id }),
    )
}
