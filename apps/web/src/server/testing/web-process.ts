import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readAdapters, readLimits, readObservability } from '@quarry/config'
import { createWebCore, type WebCore } from '@quarry/core/web'
import type { StatementWatcher } from '@quarry/db'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import type { WebEnv } from '../../env.ts'

export interface WebProcess {
  readonly database: TestDatabase
  readonly core: WebCore
  readonly env: WebEnv
  /** The data folder. */
  readonly folder: string
  close(): Promise<void>
}

export interface WebProcessOptions {
  /** What the environment says of limits and of Redis. */
  readonly variables?: Readonly<Record<string, string>>
  readonly watch?: StatementWatcher
  /** Gets every line of the log, the most talkative included. */
  readonly log?: (line: string) => void
}

/** What a web process has before Next hands it a request, on a database of its own. One at a time. */
export const startWebProcess = async ({ variables = {}, watch, log }: WebProcessOptions = {}): Promise<WebProcess> => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-web-'))
  const database = await createTestDatabase()
  const env: WebEnv = {
    adapters: { ...readAdapters({ ...variables, QUARRY_DATA: folder }), database: database.adapter },
    limits: readLimits(variables),
    logLevel: 'error',
    observability: readObservability('web', { ENABLE_METRICS: 'false' }),
    authSecret: 'a secret of the tests, long enough for its purpose',
    provision: true,
  }
  const logger = createLogger(
    log ? { name: 'test', level: 'debug', destination: { write: log } } : { name: 'test', level: 'silent' },
  )
  const core = createWebCore({ adapters: env.adapters, limits: env.limits, logger, ...(watch && { watch }) })
  globalThis.quarryWeb = { env, core }
  return {
    database,
    core,
    env,
    folder,
    close: async () => {
      await core.close()
      globalThis.quarryWeb = undefined
      globalThis.quarryAuth = undefined
      globalThis.quarryNobodies = undefined
      globalThis.quarryGuesses = undefined
      await database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const ORIGIN = 'http://127.0.0.1:3000'

/** A browser's request to this server; `cookie` is what `cookieOf` gave. */
export const browserRequest = (path: string, init: RequestInit & { cookie?: string; json?: object } = {}): Request => {
  const { cookie, json, ...rest } = init
  const headers = new Headers(rest.headers)
  if (!headers.has('origin')) headers.set('origin', ORIGIN)
  if (cookie) headers.set('cookie', cookie)
  if (json) headers.set('content-type', 'application/json')
  return new Request(`${ORIGIN}${path}`, {
    ...rest,
    headers,
    ...(json ? { method: 'POST', body: JSON.stringify(json) } : {}),
  })
}

export const cookieOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((text) => text.split(';')[0])
    .join('; ')
