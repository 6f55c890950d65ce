import { requireBlobKey, type BlobKey, type BlobStore } from '@quarry/blobs'
import type { DatabaseAdapter } from '@quarry/config'
import {
  appliedMigrations,
  CopySession,
  readBatch,
  readOrganisations,
  readSequences,
  readTables,
  schemaAge,
  sumOfTable,
} from '@quarry/db/transfer'
import { reasonOf, TransferRefusal } from './refusal.ts'
import type { RowSource } from './row-source.ts'

export interface LiveSource extends RowSource {
  readonly session: CopySession
  close(): void
}

/**
 * A database that is being read. On PostgreSQL all of it is seen as it is now, whatever others write meanwhile; the
 * embedded database must have nobody else on it. Throws TransferRefusal unless it has this version's tables.
 */
export const openLiveSource = async (database: DatabaseAdapter, store: BlobStore): Promise<LiveSource> => {
  const migrations = await appliedMigrations(database).catch((error: unknown) => {
    throw new TransferRefusal(
      `The database to read cannot be opened as its owner: ${reasonOf(error)}. On PostgreSQL set DATABASE_OWNER_URL, as for a start.`,
      error,
    )
  })
  const age = schemaAge(migrations)
  if (migrations.length === 0) throw new TransferRefusal('There is nothing to copy: the database is empty.')
  if (age !== 'same')
    throw new TransferRefusal(
      age === 'older'
        ? 'The database is older than this version. Start Quarry once, so that it is migrated, then try again.'
        : 'The database was written by a newer version of Quarry. Use that version for this.',
    )
  const session =
    database.kind === 'embedded' ? await CopySession.open(database) : await CopySession.openSnapshot(database)
  try {
    const tables = await readTables(session)
    const organisations = await readOrganisations(session)
    const sequences = await readSequences(session)
    return {
      tables,
      organisations,
      sequences,
      migrations,
      store,
      session,
      async *batches(table, orgId, from) {
        for (let after = from.lastKey; ;) {
          const batch = await readBatch(session, table, orgId, after)
          if (batch.next === null) return
          yield batch
          after = batch.next
        }
      },
      sumUpTo: (table, orgId, { lastKey, done }) => sumOfTable(session, table, orgId, done ? null : lastKey),
      blobs: async () => {
        const keys: BlobKey[] = []
        for (const orgId of organisations) {
          const rows = await session.run(orgId, (query) =>
            query(
              'select distinct blob_key as key from document_version where org_id = $1::uuid and blob_key is not null order by 1',
              [orgId],
              'rows',
            ),
          )
          for (const { key } of rows as { key: string }[]) {
            requireBlobKey(key)
            keys.push(key)
          }
        }
        return keys.map((key) => ({ key }))
      },
      close: () => session.close(),
    }
  } catch (error) {
    session.close()
    throw error
  }
}
