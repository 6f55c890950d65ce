import { createEmbeddedTestDatabase, createTestDatabase } from './test-database.ts'

/** For `describe.each`: what has to hold on a server and in the embedded database alike. */
export const BOTH_DATABASES = [
  ['PostgreSQL', createTestDatabase],
  ['the embedded database', createEmbeddedTestDatabase],
] as const
