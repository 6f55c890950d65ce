import { lt, sql } from 'drizzle-orm'
import { schema, type SystemTx } from '@quarry/db'

/** A month answers “what happened to my file”; the audit log keeps what must be kept longer. */
const KEPT_DAYS = 30

/** Deletes jobs that ended long ago, with their attempts. */
export const pruneJobHistory = async (tx: SystemTx): Promise<void> => {
  await tx.delete(schema.jobRun).where(lt(schema.jobRun.finishedAt, sql`now() - ${KEPT_DAYS} * interval '1 day'`))
}
