import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { releaseLease, takeLease, type Database, type LeaseHolder } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import { repeat } from './repeat.ts'

const NAME = 'web'
/** So often it is renewed, and so often somebody who waits for it looks again. */
const RENEW_MS = 2000
const LOOK_MS = 500
/** Five renewals missed: whoever follows a process that crashed waits so long, and no longer. */
const GRACE_MS = 10_000

/** Another web process has this database, and the two could not know of each other. */
export class SecondWebProcess extends Error {
  constructor(host: string) {
    super(
      `Another web process, on ${host}, serves this database. Stop that one; or set REDIS_URL and WEB_REPLICAS for both, ` +
        'so that they share cache, limits and what they tell each other.',
    )
    this.name = 'SecondWebProcess'
  }
}

export interface OnlyWebProcessOptions {
  readonly database: Pick<Database, 'system'>
  readonly processId: string
  readonly logger: Logger
  /** Another process took over while this one stood still: only one of the two may go on. */
  readonly onLost: (reason: SecondWebProcess) => void
  /** Shorter in tests. */
  readonly graceMs?: number
}

/**
 * Without Redis, cache and limits are in the memory of one web process, and a run generates where it was accepted: makes
 * sure that this is the only one. Waits for the lease of a process that has died, at most `graceMs` and a look. A database
 * that is away refuses nobody: whoever is second is found out when it is back.
 *
 * @throws SecondWebProcess
 * @returns stops renewing, and then gives the lease back once what it is handed has ended: whoever comes next waits so long
 */
export const beOnlyWebProcess = async (
  options: OnlyWebProcessOptions,
): Promise<(ending: Promise<unknown>) => Promise<void>> => {
  const { database, processId, logger, onLost, graceMs = GRACE_MS } = options
  const claim = { name: NAME, holder: processId, host: hostname(), graceMs }
  const take = () => database.system((tx) => takeLease(tx, claim))

  let before: LeaseHolder | undefined
  for (;;) {
    try {
      const other = await take()
      if (other === undefined) break
      // Only the living renew; a dead one's lease runs out, and then it is ours.
      if (other.holder === before?.holder && other.seenAt > before.seenAt) throw new SecondWebProcess(other.host)
      before = other
    } catch (err) {
      if (err instanceof SecondWebProcess) throw err
      logger.warn({ err }, 'whether this is the only web process could not be looked up yet')
      break
    }
    await pause(LOOK_MS)
  }

  let lost = false
  const renewing = repeat('renewing the lease of the only web process', RENEW_MS, logger, async () => {
    const other = lost ? undefined : await take()
    if (other === undefined) return
    lost = true
    onLost(new SecondWebProcess(other.host))
  })
  return async (ending) => {
    await renewing()
    await ending.catch(() => undefined)
    await database.system((tx) => releaseLease(tx, claim)).catch(() => undefined)
  }
}
