import { and, eq, sql } from 'drizzle-orm'
import { processLease } from './schema/index.ts'
import type { SystemTx } from './tenant.ts'

/** Whoever says that it is the one. `holder` names a process, `host` its machine, for people. */
export interface LeaseClaim {
  readonly name: string
  readonly holder: string
  readonly host: string
  /** A lease that was not renewed for so long is free. */
  readonly graceMs: number
}

export interface LeaseHolder {
  readonly holder: string
  readonly host: string
  /** Moves when it is renewed. */
  readonly seenAt: Date
}

/**
 * Takes or renews a lease. A row and not a lock of the database: that one ends with a connection, which a pooler lends to
 * somebody else. Times are the database's own.
 *
 * @returns undefined when it is held now, else who holds it
 */
export const takeLease = async (
  tx: SystemTx,
  { name, holder, host, graceMs }: LeaseClaim,
): Promise<LeaseHolder | undefined> => {
  const taken = await tx
    .insert(processLease)
    .values({ name, holder, host, seenAt: sql`clock_timestamp()` })
    .onConflictDoUpdate({
      target: processLease.name,
      set: { holder, host, seenAt: sql`clock_timestamp()` },
      setWhere: sql`${processLease.holder} = ${holder} or ${processLease.seenAt} < clock_timestamp() - ${graceMs} * interval '1 millisecond'`,
    })
    .returning({ name: processLease.name })
  if (taken.length > 0) return undefined
  const [other] = await tx.select().from(processLease).where(eq(processLease.name, name))
  // Given back between the two statements: the next try takes it.
  return other ?? { holder: 'nobody', host: 'nobody', seenAt: new Date(0) }
}

/** Gives a lease back, if it is still this holder's. */
export const releaseLease = async (
  tx: SystemTx,
  { name, holder }: Pick<LeaseClaim, 'name' | 'holder'>,
): Promise<void> => {
  await tx.delete(processLease).where(and(eq(processLease.name, name), eq(processLease.holder, holder)))
}
