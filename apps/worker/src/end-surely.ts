import { setTimeout as pause } from 'node:timers/promises'

/** A database that restarts is back within so long; one that is away for longer has its jobs taken up again. */
const PAUSES_MS = [200, 1_000, 3_000]

/** Writes the end of a job, again if need be: what was done would be done once more otherwise. @throws the last error */
export const endSurely = async (write: () => Promise<boolean>): Promise<boolean> => {
  for (const ms of PAUSES_MS) {
    try {
      return await write()
    } catch {
      await pause(ms)
    }
  }
  return write()
}
