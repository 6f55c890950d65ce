import { readAdapters, readWarnings } from '@quarry/config'
import { ensureEmbeddingIndexes } from './embedding-index.ts'
import { migrate } from './migrate.ts'

/** `node packages/db/src/migrate-main.ts`: migrates the database of this environment; exits 0, or 1 with one line. */
// Each start comes by here once, before anything else reads the environment: so this is where it is told.
for (const warning of readWarnings()) process.stderr.write(`${warning}\n`)
try {
  const { database, embedding } = readAdapters()
  await migrate(database)
  await ensureEmbeddingIndexes(database, embedding)
} catch (error) {
  process.stderr.write(`The database could not be migrated: ${reasonOf(error)}\n`)
  process.exitCode = 1
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message || String(error)
}
