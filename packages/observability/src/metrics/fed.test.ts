import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { metricDefinitions } from './definitions.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const PRODUCT = globSync(['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'], { cwd: ROOT })
  .filter((file) => !/\.(?:test|proof)\.ts$|\/testing\//.test(file))
  .map((file) => readFileSync(join(ROOT, file), 'utf8'))
  .join('\n')

it.each(metricDefinitions())('$name is fed where the product runs', ({ key, kind }) => {
  const feed = kind === 'counter' ? 'inc' : kind === 'gauge' ? 'set' : 'observe'
  expect(PRODUCT).toMatch(new RegExp(`\\b[mM]etrics\\.${key}\\.${feed}\\(`))
})

it.each(metricDefinitions())('$name is in the table of docs/operations.md, with its labels', ({ name, labels }) => {
  const row = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| \`${name}\` |`))
  const listed = row?.split('|')[2] ?? ''
  expect([...listed.matchAll(/\w+/g)].map(([label]) => label)).toEqual([...labels])
})
