import { AppConfigError, processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/** Superuser address of the PostgreSQL that the database tests use. Throws AppConfigError when there is none. */
export const readTestDatabaseUrl = (env: Environment = processEnvironment()): string => {
  const url = parseVariables(env, ['TEST_DATABASE_URL']).TEST_DATABASE_URL
  if (url === undefined)
    throw new AppConfigError(['TEST_DATABASE_URL must be set: `npm test` starts a database and sets it'])
  return url
}

/** The program of a Redis server, for tests that start one. */
export const readTestRedisServer = (env: Environment = processEnvironment()): string =>
  parseVariables(env, ['TEST_REDIS_SERVER']).TEST_REDIS_SERVER

/** The program of a PgBouncer, for tests that go through one. */
export const readTestPgbouncer = (env: Environment = processEnvironment()): string =>
  parseVariables(env, ['TEST_PGBOUNCER']).TEST_PGBOUNCER
