import type { RedisLink } from '@quarry/cache'
import type { Health, HealthFinding } from '@quarry/contracts'
import { connectionSum } from '@quarry/db'
import { JOBS } from '@quarry/jobs'
import type { CoreDeps } from '../context.ts'
import { databaseParts } from './database-part.ts'
import { redisFindings } from './redis-findings.ts'

/** Probes of several balancers together cost one look a second. */
const FRESH_MS = 1000

/** A worker has no more runners of the queue than there are kinds of jobs, and one for the clock. */
const QUEUE_RUNNERS = Object.keys(JOBS).length + 1

type Part = Health['parts'][number]
type HealthDeps = Pick<CoreDeps, 'database' | 'blobs' | 'shutdown' | 'logger' | 'adapters'> & {
  readonly redis: RedisLink | null
}

/**
 * Whether the parts that a process cannot serve without are there, and what an operator should know besides: Redis that is
 * away slows the product and does not stop it. Never throws.
 */
export const createHealthCheck = (deps: HealthDeps): (() => Promise<Health>) => {
  let last: { at: number; health: Promise<Health> } | undefined
  return () => {
    const now = performance.now()
    if (!last || now - last.at >= FRESH_MS) last = { at: now, health: look(deps) }
    return last.health
  }
}

const look = async (deps: HealthDeps): Promise<Health> => {
  const { database, blobs, shutdown, logger } = deps
  const looked = async (name: string, check: () => Promise<Part[]>): Promise<Part[]> => {
    try {
      return await check()
    } catch (err) {
      logger.warn({ err, part: name }, 'a part is not ready')
      // What exactly is wrong is for the log: this answer needs no sign-in.
      return [{ name, ok: false, detail: 'does not answer' }]
    }
  }
  const [found, redis, connections] = await Promise.all([
    Promise.all([
      looked('database', () => databaseParts(database)),
      looked('blobs', async () => {
        await blobs.check()
        return [{ name: 'blobs', ok: true, detail: 'ok' }]
      }),
    ]),
    redisFindings(deps.redis),
    connectionFindings(deps),
  ])
  const parts = found.flat()
  if (shutdown.aborted) parts.push({ name: 'process', ok: false, detail: 'is shutting down' })
  return { ok: parts.every((part) => part.ok), parts, findings: [...redis, ...connections] }
}

/** A sum that is too large fails only under load, and then everybody at once: told while there is time. */
const connectionFindings = async ({ database, adapters }: HealthDeps): Promise<HealthFinding[]> => {
  try {
    const { ok, detail } = await connectionSum(database, adapters, QUEUE_RUNNERS)
    return ok ? [] : [{ name: 'connections', level: 'error', detail }]
  } catch {
    // The database does not answer, which its own part says.
    return []
  }
}
