import { sql } from 'drizzle-orm'
import type { SQL } from 'drizzle-orm'
import type { TenantTx } from '@quarry/db'

/** Runs a statement that returns rows of shape `Row`; the statement's author answers for the shape. */
export async function rowsOf<Row>(tx: TenantTx, statement: SQL): Promise<Row[]> {
  const result: unknown = await tx.execute(statement)
  if (Array.isArray(result)) return Array.from(result) as Row[]
  throw new TypeError('The database client did not return rows.')
}

/** A list as one parameter. Through text, because clients differ in whether they encode a jsonb parameter once more. */
export const json = (value: unknown): SQL => sql`${JSON.stringify(value)}::text::jsonb`
