import { constants } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseAdapter } from '@quarry/config'
import { Connection } from '../client/connection.ts'

/** Whoever holds the session and says nothing for 15 s is cut off. */
const STILL_HERE_MS = 3_000

/**
 * Copies the files of a running embedded database into a new data folder, which can then be started as one that was cut
 * off from power: all of them are of one moment. Meanwhile everybody else waits for the one session, as long as the disk
 * takes (about a second for a gigabyte; nothing where the file system shares blocks).
 */
export const copyEmbeddedFiles = async (
  adapter: DatabaseAdapter & { kind: 'embedded' },
  dataDir: string,
  signal: AbortSignal,
): Promise<void> => {
  const connection = await Connection.open(adapter, 'quarry-backup')
  let timer: NodeJS.Timeout | undefined
  try {
    // Before the others have to wait: what is on the disk already need not be made up for afterwards.
    await connection.query('checkpoint', [], 'arrays')
    await connection.query('begin', [], 'arrays')
    timer = setInterval(() => void connection.query('select 1', [], 'arrays').catch(() => undefined), STILL_HERE_MS)
    signal.throwIfAborted()
    await cp(adapter.filesDir, join(dataDir, 'database'), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      // Of the process that serves it.
      filter: (path) => !path.endsWith('postmaster.pid'),
    })
    // Had it been cut off, others would have written while it copied.
    clearInterval(timer)
    await connection.query('commit', [], 'arrays')
  } finally {
    clearInterval(timer)
    connection.destroy()
  }
}
