import { fileURLToPath } from 'node:url'
import { AppConfigError } from '@quarry/config'
import { createWebCore } from '@quarry/core/web'
import { createLogger } from '@quarry/observability'
import { readWebEnv } from '../env.ts'
import { createAuth } from './auth.ts'
import { provision } from './provision.ts'

const SAMPLES_FOLDER = fileURLToPath(new URL('../../samples', import.meta.url))

const main = async (): Promise<void> => {
  const env = readWebEnv()
  const logger = createLogger({ name: 'provision', level: env.logLevel })
  const core = createWebCore({ adapters: env.adapters, limits: env.limits, logger })
  try {
    if (await provision(core, createAuth(core, env), env, SAMPLES_FOLDER)) logger.info('the first workspace is there')
  } finally {
    await core.close()
  }
}

try {
  await main()
} catch (error) {
  // Boot shows the last line to a person.
  process.stderr.write(`${error instanceof AppConfigError ? error.message : String(error)}\n`)
  process.exitCode = 1
}
