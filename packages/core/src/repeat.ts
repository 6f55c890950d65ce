import type { Logger } from '@quarry/observability'

/** Does `work` again and again, `pauseMs` after it last ended, until the returned function is called; that waits for it. */
export const repeat = (
  name: string,
  pauseMs: number,
  logger: Logger,
  work: () => Promise<unknown>,
): (() => Promise<void>) => {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let stopped = false
  const run = async (): Promise<void> => {
    try {
      await work()
    } catch (err) {
      if (!stopped) logger.warn({ err }, `${name} failed; it is tried again`)
    }
    if (!stopped) schedule()
  }
  const schedule = (): void => {
    timer = setTimeout(() => {
      running = run()
    }, pauseMs)
  }
  schedule()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await running
  }
}
