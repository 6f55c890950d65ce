import type { JobRunId } from '@quarry/contracts'
import type { Logger } from '@quarry/observability'

/** Whoever cancels a job sees it stop within two seconds: half of them for the look, half for the job. */
const LOOK_MS = 1_000

export interface Cancellations {
  /** The signal of a job that begins here; aborts when somebody cancels it. */
  watch(id: JobRunId): { readonly signal: AbortSignal; forget(): void }
  stop(): void
}

/** Looks for jobs of this process that somebody has cancelled: one question a second, while it runs any. */
export const watchCancellations = (look: () => Promise<readonly JobRunId[]>, logger: Logger): Cancellations => {
  const running = new Map<JobRunId, AbortController>()
  let timer: NodeJS.Timeout | null = null
  let stopped = false

  const once = async () => {
    try {
      for (const id of await look()) running.get(id)?.abort(new JobCancelled())
    } catch (err) {
      logger.debug({ err }, 'cancelled jobs could not be looked for; it is tried again')
    }
    timer = null
    plan()
  }
  const plan = () => {
    if (stopped || timer !== null || running.size === 0) return
    timer = setTimeout(() => void once(), LOOK_MS)
    timer.unref()
  }
  return {
    watch: (id) => {
      const controller = new AbortController()
      running.set(id, controller)
      plan()
      return { signal: controller.signal, forget: () => void running.delete(id) }
    },
    stop: () => {
      stopped = true
      if (timer !== null) clearTimeout(timer)
    },
  }
}

export class JobCancelled extends Error {
  constructor() {
    super('The job was cancelled.')
    this.name = 'JobCancelled'
  }
}
