import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import path from 'node:path'

/** What a compiled route file of Next exports. */
interface RouteFile {
  readonly handler: (request: IncomingMessage, response: ServerResponse, context: RouteCall) => Promise<unknown>
}
interface RouteCall {
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly requestMeta: Readonly<Record<string, unknown>>
}

/** The part of Next's programmatic server that is used (its "custom server"). */
interface CustomServer {
  prepare(): Promise<void>
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
}
type CreateNext = (options: {
  dev: boolean
  dir: string
  hostname: string
  port: number
  quiet: boolean
}) => CustomServer

interface Instrumentation {
  ensureInstrumentationRegistered(folder: string, distDir: string): Promise<void>
}

export interface NextApp {
  /** Pages, static files, and whatever has no compiled route file. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** A file of the build, by its path in `.next`. */
  readonly read: (file: string) => string
  readonly loadRoute: (file: string) => RouteFile
}

/**
 * Loads Next from a standalone build in `folder`, which becomes the working directory, as in Next's own server file. Its
 * instrumentation has run when this returns.
 */
export const openNextApp = async (folder: string): Promise<NextApp> => {
  process.chdir(folder)
  const require = createRequire(path.join(folder, 'server.js'))
  const inBuild = (file: string) => path.join(folder, '.next', file)
  const read = (file: string) => readFileSync(inBuild(file), 'utf8')
  const { config } = JSON.parse(read('required-server-files.json')) as { config: { distDir: string } }
  // Before Next is loaded: a standalone build has no file of its configuration, which its own server hands on like this.
  Object.assign(process.env, { NODE_ENV: 'production', __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(config) })
  const createNext = require('next') as CreateNext
  // Names and port are of no use to Next here: it calls nobody, and what it redirects to are paths.
  const server = createNext({ dev: false, dir: folder, hostname: 'localhost', port: 3000, quiet: true })
  await server.prepare()
  // Next itself does this at the first request, which would find nobody who names it.
  const instrumentation =
    require('next/dist/server/lib/router-utils/instrumentation-globals.external') as Instrumentation
  await instrumentation.ensureInstrumentationRegistered(folder, config.distDir)
  return { handle: server.getRequestHandler(), read, loadRoute: (file) => require(inBuild(file)) as RouteFile }
}
