import { auth } from './auth-instance.ts'
import { notePeers } from './client-network.ts'
import { shutDownOnSignal } from './shutdown.ts'
import { webCore } from './web-core.ts'

/** What a web process does before its first request. Throws when its configuration cannot be used. */
export const startServer = async (): Promise<void> => {
  shutDownOnSignal()
  notePeers()
  auth()
  const core = webCore()
  await core.standAlone((reason) => {
    core.deps.logger.error(reason.message)
    process.kill(process.pid, 'SIGTERM')
  })
  await core.start()
}
