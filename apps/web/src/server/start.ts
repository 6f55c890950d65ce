import { auth } from './auth-instance.ts'
import { noteArrivals } from './arrival.ts'
import { createEntryPort } from './entry-parts.ts'
import { shutDownOnSignal } from './shutdown.ts'
import { startObserving } from './observe/start-observing.ts'
import { webCore, webEnv } from './web-core.ts'

/**
 * What a web process does before its first request. Ends the process when it cannot serve, with the reason on standard
 * error: Next itself would stay, and answer everything with 500.
 */
export const startServer = async (): Promise<void> => {
  try {
    // Under `next dev` there is no entry of ours.
    if (!globalThis.quarryEntryServes) {
      shutDownOnSignal()
      noteArrivals()
    }
    auth()
    const core = webCore()
    globalThis.quarryEntry ??= createEntryPort()
    await startObserving(core, webEnv(), globalThis.quarryEntry)
    await core.standAlone((reason) => {
      core.deps.logger.error(reason.message)
      process.kill(process.pid, 'SIGTERM')
    })
    await core.start()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`, () => process.exit(1))
    // Nothing goes on meanwhile: Next would answer its first request.
    await new Promise(() => undefined)
  }
}
