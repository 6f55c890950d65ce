import { mkdirSync, rmSync } from 'node:fs'
import { readAdapters } from '@quarry/config'
import { openDurable } from './durable-files.ts'
import { startMaintenance } from './maintenance.ts'
import { takeProcessLock } from './process-lock.ts'
import { prepareSocketFolder } from './socket-folder.ts'
import { SocketServer } from './socket-server.ts'

/**
 * The process of the embedded database: `node packages/db/src/embedded/main.ts`. Says `{ type: 'ready' }` to a parent
 * that listens, and a line on stdout. Ends on SIGTERM and SIGINT, and when its parent is gone.
 */
const stop = (code: number, reason?: string): never => {
  if (reason !== undefined) process.stderr.write(`The embedded database stopped: ${reason}\n`)
  process.exit(code)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'for a reason that is no error')

const { database, dataDir } = readAdapters()
if (database.kind !== 'embedded') stop(1, 'DATABASE_URL is set, so there is nothing to embed')
else {
  // Until it serves it has nothing to finish: it ends as by a crash, which its files outlive.
  const parentGone = () => process.exit(1)
  process.once('disconnect', parentGone)
  try {
    takeProcessLock(dataDir)
    const socketPath = await prepareSocketFolder(database.socketDir)
    mkdirSync(database.filesDir, { recursive: true, mode: 0o700 })
    const db = await openDurable(database.filesDir)
    // What PGlite was doing is unknown after it threw. The files are those of a crash, which it recovers from.
    const server = new SocketServer(db, (error) => stop(70, messageOf(error)))
    await server.listen(socketPath)
    // A table that cannot be vacuumed is no reason to stop; it is tried again.
    const stopMaintenance = startMaintenance(server, (error) =>
      process.stderr.write(`The embedded database could not be vacuumed: ${messageOf(error)}\n`),
    )

    process.off('disconnect', parentGone)
    let stopping = false
    const shutDown = async (): Promise<void> => {
      if (stopping) return
      stopping = true
      stopMaintenance()
      await server.close()
      await db.close()
      rmSync(socketPath, { force: true })
      stop(0)
    }
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect'] as const)
      process.on(event, () => void shutDown().catch((error: unknown) => stop(1, messageOf(error))))

    process.stdout.write(`The embedded database serves ${socketPath}\n`)
    process.send?.({ type: 'ready' })
  } catch (error) {
    stop(1, messageOf(error))
  }
}
