import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createLogger } from '@quarry/observability'
import { readWebEnv, type WebEnv } from '../env.ts'

declare global {
  // Next loads modules twice; pools and live answers must be there once.
  var quarryWeb: { env: WebEnv; core: WebCore } | undefined
}

const web = () => {
  globalThis.quarryWeb ??= open()
  return globalThis.quarryWeb
}

const open = () => {
  const env = readWebEnv()
  const logger = createLogger({ name: 'web', level: env.logLevel })
  return {
    env,
    core: createWebCore({
      adapters: env.adapters,
      limits: env.limits,
      logger,
      build: readBuild(),
      tokenPrices: env.observability.tokenPrices,
      reportsAs: env.observability.metrics && env.observability.process,
    }),
  }
}

/** Of the build that this server was started from; while it is developed each process is one of its own. */
const readBuild = (): string => {
  try {
    return readFileSync('.next/BUILD_ID', 'utf8').trim()
  } catch {
    return randomUUID()
  }
}

/** Everything behind the pages and routes of this process; opened at the first call. */
export const webCore = (): WebCore => web().core
export const webEnv = (): WebEnv => web().env
