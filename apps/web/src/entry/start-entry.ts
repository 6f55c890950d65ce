import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { createAnswer } from './answer.ts'
import { openNextApp } from './next-app.ts'
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
  if (port === undefined) throw new Error('The build has no instrumentation: it is not one of this product.')
  const server = createServer(createAnswer({ app, port, routes: openRouteFiles(app) }))
  const { host, port: number } = port.settings.listen
  server.listen(number, host)
}
