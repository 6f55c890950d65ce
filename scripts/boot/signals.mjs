/** npm passes Ctrl-C on to boot, which has it from the terminal too: only a later one is a second one. */
const SAME_PRESS_MS = 800

/**
 * Calls `stop` at the first signal and `kill` at the second.
 *
 * @param {(signal: string) => void} stop
 * @param {() => void} kill
 */
export const onStopSignals = (stop, kill) => {
  let firstAt
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (firstAt === undefined) {
        firstAt = Date.now()
        stop(signal)
      } else if (Date.now() - firstAt > SAME_PRESS_MS) kill()
    })
  }
}
