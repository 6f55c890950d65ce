import { z } from 'zod'
import { httpUrl, postgresUrl } from './schemas.ts'
import { variable } from './variable.ts'

/** Of the command line and of tests: no process of the product reads one. */
export const TOOL_VARIABLES = {
  QUARRY_URL: variable({
    group: 'Command line and tests',
    schema: httpUrl,
    default: null,
    reason: 'Server that the `quarry` command talks to. Default: the one in the local credentials file.',
  }),
  QUARRY_API_KEY: variable({
    group: 'Command line and tests',
    schema: z.string(),
    default: null,
    reason: 'Key that the `quarry` command uses. Default: the one in the local credentials file.',
  }),
  TEST_REDIS_SERVER: variable({
    group: 'Command line and tests',
    schema: z.string(),
    default: 'redis-server',
    reason:
      'Program of a Redis 7 or Valkey 8 server; each test file that needs one starts its own. Default: the one on PATH, which `npm test` installs where it can.',
  }),
  TEST_PGBOUNCER: variable({
    group: 'Command line and tests',
    schema: z.string(),
    default: 'pgbouncer',
    reason:
      'Program of a PgBouncer, for the tests that go through one. Default: the one on PATH, which `npm test` installs where it can.',
  }),
  TEST_DATABASE_URL: variable({
    group: 'Command line and tests',
    schema: postgresUrl,
    default: null,
    reason:
      'A PostgreSQL with pgvector as its superuser, for `npm test`. Default: the test run starts one and stops it.',
  }),
} as const
