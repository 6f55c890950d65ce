import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FLAGS } from './index.ts'

test('docs/operations.md says of every flag what it does', () => {
  const text = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  for (const name of Object.keys(FLAGS)) expect(text).toMatch(new RegExp(`^\\| \`${name}\` \\| .+ \\|$`, 'm'))
})
