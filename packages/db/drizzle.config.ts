import { defineConfig } from 'drizzle-kit'

/** `pnpm --filter @quarry/db exec drizzle-kit generate --name <what>` writes the next migration; then edit it by hand. */
export default defineConfig({
  dialect: 'postgresql',
  schema: ['./src/schema/index.ts', './src/schema/auth.ts'],
  out: './migrations',
})
