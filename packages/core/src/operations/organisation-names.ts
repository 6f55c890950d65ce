import { inArray } from 'drizzle-orm'
import type { OrgId } from '@quarry/contracts'
import { authSchema, type Database } from '@quarry/db'

/** Names of organisations by id, in one look-up; empty for one that is gone. */
export const organisationNames = async (
  { auth }: Pick<Database, 'auth'>,
  ids: readonly OrgId[],
): Promise<(id: string) => string> => {
  const { organization } = authSchema
  const rows =
    ids.length === 0
      ? []
      : await auth
          .select({ id: organization.id, name: organization.name })
          .from(organization)
          .where(inArray(organization.id, [...new Set(ids)]))
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? ''
}
