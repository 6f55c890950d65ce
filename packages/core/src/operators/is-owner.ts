import { sql } from 'drizzle-orm'
import type { Database } from '@quarry/db'

/** Whether somebody is an owner of the installation, as the database says now. One statement, in nobody's organisation. */
export const isOwner = async ({ auth }: Pick<Database, 'auth'>, userId: string): Promise<boolean> => {
  const rows = await auth.execute<{ owner: boolean }>(sql`select is_installation_owner(${userId}::uuid) as owner`)
  return rows[0]?.owner === true
}
