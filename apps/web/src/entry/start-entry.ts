import { existsSync } from 'node:fs'
import path from 'node:path'
import { createAnswer } from './answer.ts'
import { endOnCrash } from './crash.ts'
import { createDrain, stopOnSignals } from './drain.ts'
import type { EntryResponse } from './entry-response.ts'
import { createHealthRoutes } from './health.ts'
import { createHttpServer } from './http-server.ts'
import { openNextApp } from './next-app.ts'
import { createRequestRegistry } from './open-requests.ts'
import { openRouteFiles } from './route-files.ts'

/** Where the build is: below the checkout, or around the entry itself where both were copied together. */
const buildFolder = (webFolder: string): string => {
  const inCheckout = path.join(webFolder, '.next', 'standalone', 'apps', 'web')
  return existsSync(inCheckout) ? inCheckout : webFolder
}

/** The web server of one replica. Ends the process where it cannot serve. */
export const startEntry = async (webFolder: string): Promise<void> => {
  globalThis.quarryEntryServes = true
  const app = await openNextApp(buildFolder(webFolder))
  const port = globalThis.quarryEntry
  if (port === undefined) throw new Error('This build has no instrumentation: build the product again.')
  endOnCrash(port)
  const open = createRequestRegistry()
  const routes = openRouteFiles(app)
  const server = createHttpServer((request, response: EntryResponse) => answer(request, response), port.settings)
  const drain = createDrain(server, port, open)
  const answer = createAnswer({ app, port, routes, open, drain, health: createHealthRoutes(port, drain) })
  stopOnSignals(drain)
  const { host, port: number } = port.settings.listen
  server.on('error', (error) => {
    port.log('fatal', { err: error }, 'the web server cannot listen')
    process.exit(1)
  })
  server.listen(number, host, () => port.log('info', { host, port: number }, 'the web server takes requests'))
}
