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
  return { env, core: createWebCore({ adapters: env.adapters, limits: env.limits, logger }) }
}

/** Everything behind the pages and routes of this process; opened at the first call. */
export const webCore = (): WebCore => web().core
export const webEnv = (): WebEnv => web().env
