import { expect, it } from 'vitest'
import { runCheck } from './check/tree.ts'

const DB = 'packages/db/src'

it('accepts a project without circles', async () => {
  expect(await runCheck('check-cycles.mjs')).toEqual({ code: 0, output: '' })
})

it('finds a circle of three files, and names the way', async () => {
  const { code, output } = await runCheck('check-cycles.mjs', {
    [`${DB}/a.ts`]: "import './b.ts'",
    [`${DB}/b.ts`]: "import { c } from './c'",
    [`${DB}/c.ts`]: "export * from './a.ts'",
  })
  expect(output).toContain(`${DB}/a.ts → ${DB}/b.ts → ${DB}/c.ts → ${DB}/a.ts`)
  expect(code).toBe(1)
})

it('finds a circle through an index file and through a package', async () => {
  const { code, output } = await runCheck('check-cycles.mjs', {
    'packages/contracts/src/index.ts': "import { table } from '@quarry/db'",
  })
  expect(output).toContain(
    'packages/contracts/src/index.ts → packages/db/src/index.ts → packages/contracts/src/index.ts',
  )
  expect(code).toBe(1)
})

it('finds two packages that need only types of each other', async () => {
  const { code, output } = await runCheck('check-cycles.mjs', {
    'packages/contracts/src/row.ts': "import type { table } from '@quarry/db'",
  })
  expect(output).toContain('packages: packages/contracts → packages/db → packages/contracts')
  expect(code).toBe(1)
})

it.each([
  ['a type', "import type { B } from './b.ts'"],
  ['an import that runs later', "const load = () => import('./b.ts')"],
])('lets two files of one package share %s', async (_, back) => {
  const files = { [`${DB}/b.ts`]: "import './a.ts'", [`${DB}/a.ts`]: back }
  expect(await runCheck('check-cycles.mjs', files)).toEqual({ code: 0, output: '' })
})
