import type { Health } from '@quarry/contracts'
import type { CoreDeps } from './context.ts'

/** Probes of several balancers together cost one look a second. */
const FRESH_MS = 1000

/** Whether the parts that a process cannot serve without are there. Never throws. */
export const createHealthCheck = (deps: CoreDeps): (() => Promise<Health>) => {
  let last: { at: number; health: Promise<Health> } | undefined
  return () => {
    const now = performance.now()
    if (!last || now - last.at >= FRESH_MS) last = { at: now, health: look(deps) }
    return last.health
  }
}

const look = async ({ database, blobs, shutdown, logger }: CoreDeps): Promise<Health> => {
  const part = async (name: string, check: () => Promise<void>) => {
    try {
      await check()
      return { name, ok: true, detail: 'ok' }
    } catch (err) {
      logger.warn({ err, part: name }, 'a part is not ready')
      // What exactly is wrong is for the log: this answer needs no sign-in.
      return { name, ok: false, detail: 'does not answer' }
    }
  }
  const parts = await Promise.all([part('database', () => database.ping()), part('blobs', () => blobs.check())])
  if (shutdown.aborted) parts.push({ name: 'process', ok: false, detail: 'is shutting down' })
  return { ok: parts.every((p) => p.ok), parts }
}
