import { expect, it } from 'vitest'
import { runCheck } from './check/tree.ts'

it('accepts a sound project', async () => {
  expect(await runCheck('check-boundaries.mjs')).toEqual({ code: 0, output: '' })
})

it.each<[name: string, file: string, text: string, says: string]>([
  ['a layer above', 'packages/db/src/a.ts', "import { id } from '@quarry/api'", 'packages/db may import contracts'],
  [
    'a layer above, for its types',
    'packages/db/src/a.ts',
    "import type { Router } from '@quarry/api'",
    'packages/db may',
  ],
  ['a layer above, later', 'packages/db/src/a.ts', "const a = await import('@quarry/api')", 'packages/db may'],
  ['a layer above, passed on', 'packages/db/src/a.ts', "export * from '@quarry/api'", 'packages/db may'],
  [
    'an import over lines',
    'packages/db/src/a.ts',
    "import {\n  id,\n  other,\n} from '@quarry/api'",
    'a.ts:4 packages/db may',
  ],
  ['the inside of a package', 'packages/api/src/a.ts', "import '@quarry/contracts/src/index.ts'", 'no public entry'],
  ['the way round by a path', 'packages/api/src/a.ts', "import '../../contracts/src/index.ts'", 'leaves packages/api'],
  ['what is for tests', 'packages/db/src/a.ts', "import '@quarry/db/testing'", 'the package itself'],
  [
    'the API at run time in a browser',
    'apps/web/src/features/a.ts',
    "import { id } from '@quarry/api'",
    'only `import type`',
  ],
  [
    'the API in a client part',
    'apps/web/src/app/a.tsx',
    "'use client'\nimport { id } from '@quarry/api'",
    'only `import type`',
  ],
  [
    'a type inside braces, which still loads',
    'apps/web/src/trpc/a.ts',
    "import { type Router } from '@quarry/api'",
    'only `import type`',
  ],
  [
    'Node in a browser',
    'apps/web/src/features/a.ts',
    "import { join } from 'node:path'",
    'does not exist in a browser',
  ],
  ['the server from the browser', 'apps/web/src/features/a.ts', "import '../server/auth.ts'", "is the server's"],
  ['a package in contracts', 'packages/contracts/src/a.ts', "import 'postgres'", 'may use zod only'],
  [
    'the database from the web server',
    'apps/web/src/server/a.ts',
    "import { table } from '@quarry/db'",
    'apps/web server may',
  ],
  ['the environment', 'packages/db/src/a.ts', 'export const a = process.env.SECRET', 'reads process.env'],
  [
    'the environment in brackets',
    'packages/db/src/a.ts',
    "export const a = process['env'].SECRET",
    'reads process.env',
  ],
  ['an empty name', 'packages/db/src/utils.ts', '', 'is called "utils"'],
  ['an empty ending', 'packages/db/src/date-helpers.ts', '', 'is called "date-helpers"'],
  ['an empty folder name', 'packages/db/src/shared/a.ts', '', 'is called "shared"'],
  ['a long file', 'packages/db/src/a.ts', '\n'.repeat(401), 'has 401 lines'],
])('refuses %s', async (_, file, text, says) => {
  const { code, output } = await runCheck('check-boundaries.mjs', { [file]: text })
  expect(output).toContain(says)
  expect(code).toBe(1)
})

it.each<[name: string, file: string, text: string]>([
  ['what the table allows', 'apps/web/src/server/a.ts', "import { id } from '@quarry/api'"],
  ['a constant of the bundler', 'apps/web/src/proxy.ts', "export const dev = process.env.NODE_ENV === 'development'"],
  ['an import in a comment', 'packages/db/src/a.ts', "// import { id } from '@quarry/api'"],
  ['an import in a block comment', 'packages/db/src/a.ts', "/*\nimport { id } from '@quarry/api'\n*/"],
  ['test entries in tests', 'packages/api/src/a.db.test.ts', "import { clone } from '@quarry/db/testing'"],
  ['a file of 400 lines', 'packages/db/src/a.ts', '\n'.repeat(400)],
])('accepts %s', async (_, file, text) => {
  expect(await runCheck('check-boundaries.mjs', { [file]: text })).toEqual({ code: 0, output: '' })
})
