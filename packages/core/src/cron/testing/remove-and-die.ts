import { openBlobStore } from '@quarry/blobs'
import { readAdapters } from '@quarry/config'
import { openDatabase } from '@quarry/db'
import { createLogger } from '@quarry/observability'
import { removeDeletedOrganisations } from '../deleted-organisations.ts'

/** A worker that is killed while it deletes organisations, after so many statements that delete: `<number>`. */
const most = Number(process.argv[2])
const adapters = readAdapters()
let deletes = 0
const database = openDatabase(adapters.database, {
  watch: async ({ text, entrance }, run) => {
    const rows = await run()
    // In a transaction that is not committed yet.
    if (!entrance && /\bdelete from\b/.test(text) && ++deletes === most) process.kill(process.pid, 'SIGKILL')
    return rows
  },
})
await removeDeletedOrganisations(
  {
    ...{ database, adapters, redis: null, model: '' },
    blobs: openBlobStore(adapters.blobs),
    logger: createLogger({ name: 'test', level: 'silent' }),
    backfill: async () => 0,
  },
  new AbortController().signal,
)
await database.close()
