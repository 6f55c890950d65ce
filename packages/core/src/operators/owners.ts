import { asc, eq, inArray, sql } from 'drizzle-orm'
import { authSchema, newId, schema, type Database, type SystemTx } from '@quarry/db'

/** Somebody who sees to the whole installation. */
export interface InstallationOwner {
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly grantedAt: Date
  /** Of the machine's users; null: was the first who signed up. */
  readonly grantedBy: string | null
}

const { installationOwner, operatorEvent } = schema

/** The owners of the installation, the oldest first. */
export const listOwners = async (database: Database): Promise<InstallationOwner[]> => {
  const rows = await database.system((tx) =>
    tx.select().from(installationOwner).orderBy(asc(installationOwner.grantedAt), asc(installationOwner.userId)),
  )
  if (rows.length === 0) return []
  const { user } = authSchema
  const people = await database.auth
    .select({ id: user.id, email: user.email, name: user.name })
    .from(user)
    .where(
      inArray(
        user.id,
        rows.map(({ userId }) => userId),
      ),
    )
  const byId = new Map(people.map((person) => [person.id, person]))
  return rows.flatMap((row) => {
    const person = byId.get(row.userId)
    return person ? [{ ...row, email: person.email, name: person.name }] : []
  })
}

/** Makes somebody an owner; false when they are one. `by`: who of the machine's users does it. */
export const addOwner = (database: Database, userId: string, by: string): Promise<boolean> =>
  database.system(async (tx) => {
    const added = await tx
      .insert(installationOwner)
      .values({ userId, grantedBy: by })
      .onConflictDoNothing()
      .returning({ userId: installationOwner.userId })
    if (added.length > 0) await record(tx, 'operator.add', userId, by)
    return added.length > 0
  })

/** `last`: nobody would be left, and nothing was changed. */
export const removeOwner = (database: Database, userId: string, by: string): Promise<'removed' | 'was none' | 'last'> =>
  database.system(async (tx) => {
    // Two that take each other away leave one: the second waits here, and sees what the first has done.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('installation_owner', 0))`)
    const owners = await tx.select({ userId: installationOwner.userId }).from(installationOwner)
    if (!owners.some((one) => one.userId === userId)) return 'was none'
    if (owners.length === 1) return 'last'
    await tx.delete(installationOwner).where(eq(installationOwner.userId, userId))
    await record(tx, 'operator.remove', userId, by)
    return 'removed'
  })

/** On the machine nobody is signed in: who did it is one of its users. */
const record = async (tx: SystemTx, action: string, userId: string, by: string): Promise<void> => {
  await tx.insert(operatorEvent).values({ id: newId(), userId: null, action, details: { of: userId, by } })
}
