import { createHash } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Actor, OrgId } from '@quarry/contracts'
import { schema, type Database } from '@quarry/db'

/** What somebody sees, at one version of who may see what. */
export interface Visible {
  /** Of the organisation's `permission`. */
  readonly version: number
  /** Of the ids of the collections: equal for all who see the same. */
  readonly digest: string
}

/** What may be seen was changed while it was looked at: what was found is nobody else's. */
export class Superseded extends Error {}

/** @throws Superseded */
export const readVisible = async (database: Pick<Database, 'versions' | 'tenant'>, actor: Actor): Promise<Visible> => {
  const { collection } = schema
  const version = await versionOf(database, actor.orgId)
  const rows = await database
    .tenant(actor)
    .tx((tx) =>
      tx.select({ id: collection.id }).from(collection).where(eq(collection.orgId, actor.orgId)).orderBy(collection.id),
    )
  if ((await versionOf(database, actor.orgId)) !== version) throw new Superseded()
  return { version, digest: digestOf(rows.map(({ id }) => id)) }
}

/** How often who may see what has changed in the organisation, as the database says now. */
export const versionOf = async (database: Pick<Database, 'versions'>, orgId: OrgId): Promise<number> =>
  (await database.versions([orgId])).find(({ tag }) => tag === 'permission')?.version ?? 0

const digestOf = (ids: readonly string[]): string =>
  createHash('sha256').update(ids.join(',')).digest('hex').slice(0, 32)
