import { defineConfig, devices } from '@playwright/test'

/** `npm test` starts a product with data of its own and says where; without it, the one of `npm start` is tested. */
const baseURL = process.env['QUARRY_E2E_URL'] ?? 'http://127.0.0.1:3000'

/**
 * Chromium in a container: it runs as root there, has no GPU and little shared memory, and must not talk to anybody
 * but the product.
 */
const CONTAINER_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
]

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results',
  // Browser and product share the machine's cores: two at once were late for each other's waits.
  workers: 1,
  forbidOnly: true,
  // A test that passes at the second attempt has found something out.
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  use: {
    baseURL,
    ...devices['Desktop Chrome'],
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      args: CONTAINER_FLAGS,
      ...(process.env['CHROMIUM_PATH'] ? { executablePath: process.env['CHROMIUM_PATH'] } : {}),
    },
  },
})
