import { readAdapters, readLimits } from '@quarry/config'
import type { WebCoreEnv } from '@quarry/core/web'
import type { TestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'

/** A web process on a test database, with files in `folder` and the built-in model. */
export const testEnvironment = ({ adapter }: TestDatabase, folder: string): WebCoreEnv => ({
  adapters: { ...readAdapters({ QUARRY_DATA: folder }), database: adapter },
  limits: readLimits({}),
  logger: createLogger({ name: 'test', level: 'silent' }),
})
