import { eq } from 'drizzle-orm'
import { authSchema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'

export const hasUsers = async ({ database }: Pick<CoreDeps, 'database'>): Promise<boolean> => {
  const rows = await database.auth.select({ id: authSchema.user.id }).from(authSchema.user).limit(1)
  return rows.length > 0
}

/** The id of the person with this address, in lower case as better-auth stores it. */
export const findUser = async ({ database }: Pick<CoreDeps, 'database'>, email: string): Promise<string | null> => {
  const { user } = authSchema
  const [row] = await database.auth.select({ id: user.id }).from(user).where(eq(user.email, email.toLowerCase()))
  return row?.id ?? null
}
