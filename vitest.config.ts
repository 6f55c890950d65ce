import { defineConfig } from 'vitest/config'

const EVERYWHERE = ['**/node_modules/**', '**/.next/**', '**/.quarry/**']
const DATABASE = '**/*.db.test.{ts,tsx}'
const INTEGRATION = 'tests/integration/**/*.int.test.ts'
const PROOF = '**/*.proof.test.ts'

/** Many start processes, which takes seconds when the machine is busy with something else. */
const UNIT_TIMEOUT_MS = 30_000
/** A database test clones a template and migrates nothing itself, yet the first one of a run waits for the template. */
const DATABASE_TIMEOUT_MS = 30_000
/** Integration tests start whole processes; a cold PGlite alone takes 3 s. */
const INTEGRATION_TIMEOUT_MS = 120_000
/** Proofs are the long forms: hundreds of kills, thousands of documents. */
const PROOF_TIMEOUT_MS = 30 * 60_000

/** What is waited for comes at once; a machine with other things to do may need seconds for it. */
const expectation = { poll: { timeout: 10_000 } }

const setupFiles = ['./scripts/test/setup/console-error.ts']

export default defineConfig({
  test: {
    // Two workers keep a two-core machine busy and leave the database server some room on it.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...EVERYWHERE, DATABASE, INTEGRATION, PROOF, 'tests/e2e/**'],
          setupFiles,
          expect: expectation,
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
        },
      },
      {
        test: {
          name: 'db',
          include: [DATABASE],
          exclude: EVERYWHERE,
          setupFiles,
          expect: expectation,
          testTimeout: DATABASE_TIMEOUT_MS,
          hookTimeout: DATABASE_TIMEOUT_MS * 2,
        },
      },
      {
        test: {
          name: 'integration',
          include: [INTEGRATION],
          exclude: EVERYWHERE,
          setupFiles,
          expect: expectation,
          testTimeout: INTEGRATION_TIMEOUT_MS,
          hookTimeout: INTEGRATION_TIMEOUT_MS,
          // Each of these files starts a product; two at once would measure each other.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'proof',
          include: [PROOF],
          exclude: EVERYWHERE,
          setupFiles,
          expect: expectation,
          testTimeout: PROOF_TIMEOUT_MS,
          hookTimeout: PROOF_TIMEOUT_MS,
          fileParallelism: false,
        },
      },
    ],
  },
})
