import { AppConfigError, processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/** Superuser address of the PostgreSQL that the database tests use. Throws AppConfigError when there is none. */
export const readTestDatabaseUrl = (env: Environment = processEnvironment()): string => {
  const url = parseVariables(env, ['TEST_DATABASE_URL']).TEST_DATABASE_URL
  if (url === undefined)
    throw new AppConfigError(['TEST_DATABASE_URL must be set: `npm test` starts a database and sets it'])
  return url
}

/** Address of the Redis that the database tests use, and empty. Throws AppConfigError when there is none. */
export const readTestRedisUrl = (env: Environment = processEnvironment()): string => {
  const url = parseVariables(env, ['TEST_REDIS_URL']).TEST_REDIS_URL
  if (url === undefined) throw new AppConfigError(['TEST_REDIS_URL must be set: `npm test` starts a Redis and sets it'])
  return url
}
