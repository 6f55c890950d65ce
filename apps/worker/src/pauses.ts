import type { Pool } from 'pg'
import type { Logger } from '@quarry/observability'

/** Whoever pauses a kind of jobs sees that it is, within a second. */
const LOOK_MS = 400

export interface Pauses {
  /** The flags of jobs that nobody takes now. */
  readonly flags: () => readonly string[]
  start(): Promise<void>
  stop(): Promise<void>
}

/** Keeps in mind which kinds of jobs operators have paused. While the database is away it stays as it was. */
export const watchPauses = (queue: Pool, logger: Logger): Pauses => {
  let flags: readonly string[] = []
  let stopped = false
  let timer: NodeJS.Timeout | null = null
  let looking = Promise.resolve()
  const look = async () => {
    try {
      const { rows } = await queue.query<{ kind: string }>('select kind from job_pause')
      flags = rows.map(({ kind }) => `kind:${kind}`)
    } catch (err) {
      if (!stopped) logger.debug({ err }, 'paused kinds of jobs could not be looked for; it is tried again')
    }
  }
  const plan = () => {
    if (stopped) return
    timer = setTimeout(() => {
      looking = look().then(plan)
    }, LOOK_MS)
    timer.unref()
  }
  return {
    flags: () => flags,
    start: async () => {
      await look()
      plan()
    },
    stop: async () => {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await looking
    },
  }
}
