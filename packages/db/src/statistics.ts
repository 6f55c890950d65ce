import type { DatabaseAdapter } from '@quarry/config'
import { ownerClient } from './client/owner-client.ts'

/** Large ones that queries choose their plans by, and whose index-only scans want the visibility map. */
const TABLES = [
  'document',
  'document_version',
  'document_page',
  'chunk',
  'posting',
  'chunk_embedding',
  'collection',
  'collection_stat',
  'collection_grant',
  'conversation',
  'message',
  'citation',
  'run',
]

/** What autovacuum would do in time, at once: for whoever has just written very many rows. */
export const refreshStatistics = async (adapter: DatabaseAdapter): Promise<void> => {
  const sql = ownerClient(adapter)
  try {
    await sql.unsafe('set statement_timeout = 0')
    for (const table of TABLES) await sql.unsafe(`vacuum (analyze) ${table}`)
    await sql.unsafe('analyze')
  } finally {
    await sql.end({ timeout: 5 })
  }
}
