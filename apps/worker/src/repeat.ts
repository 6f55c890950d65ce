import type { Logger } from '@quarry/observability'

export interface Repeated {
  /** Resolves when it does not run any more. */
  stop(): Promise<void>
}

/** Does something every so often, never twice at the same time. An error is told, and it is done again when its time comes. */
export const repeat = (work: () => Promise<unknown>, everyMs: number, what: string, logger: Logger): Repeated => {
  let stopped = false
  let running: Promise<void> | null = null
  const once = async () => {
    try {
      await work()
    } catch (err) {
      if (!stopped) logger.warn({ err }, `${what} failed; it is tried again`)
    }
    running = null
  }
  const timer = setInterval(() => {
    running ??= once()
  }, everyMs)
  timer.unref()
  return {
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}
