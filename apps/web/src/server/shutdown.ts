import { webCore } from './web-core.ts'

/** Boot and orchestrators kill after ten seconds; two are left for the exit itself. */
const DEADLINE_MS = 8000

declare global {
  var quarryShutdown: Promise<void> | undefined
}

/**
 * Next's own handler waits for every connection to end, and a live stream never does. Ours tells the readers to come
 * back, ends what runs, closes the pools and exits.
 */
export const shutDownOnSignal = (): void => {
  const end = () => {
    globalThis.quarryShutdown ??= close().finally(() => process.exit(0))
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
  // The parent is gone without a word (kill -9): nobody would ever stop us.
  process.on('disconnect', end)
}

const close = async (): Promise<void> => {
  setTimeout(() => process.exit(0), DEADLINE_MS).unref()
  await webCore().close()
}
