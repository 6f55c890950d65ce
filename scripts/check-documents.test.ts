import { expect, it } from 'vitest'
import { runCheck } from './check/tree.ts'

it.each([
  ['a dead link', 'See [the guide](docs/guide.md).', 'links to docs/guide.md'],
  ['a dead heading', '# Start\n[down](#the-end)', 'links to #the-end'],
  ['a dead path in code', 'Look at `packages/db/src/gone.ts`.', 'names packages/db/src/gone.ts'],
  ['an unknown script', 'Run `npm run fly`.', 'names `npm run fly`'],
  ['an unknown script in a block', '```sh\nnpm run -s fly\n```', 'names `npm run fly`'],
])('finds %s', async (_, text, says) => {
  const { code, output } = await runCheck('check-documents.mjs', { 'README.md': text })
  expect(output).toContain(says)
  expect(code).toBe(1)
})

it.each([
  ['live links', '# To start\n[up](#to-start) and [the index](packages/db/src/index.ts)'],
  ['other sites', '[elsewhere](https://example.org/a)'],
  ['wildcards and placeholders', '`packages/*/src` and `packages/core/src/<entity>/<verb>.ts`'],
  ['known scripts and paths', '`npm run start`, `packages/db/src/index.ts`'],
])('accepts %s', async (_, text) => {
  expect(await runCheck('check-documents.mjs', { 'README.md': text })).toEqual({ code: 0, output: '' })
})
