import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOfChecks, numberOf } from './table.mjs'

/** A test file and what it takes from files beside it: a suite may be written once for several sizes. */
const sourcesOf = (file: string): string[] => {
  const text = readFileSync(file, 'utf8')
  const beside = [...text.matchAll(/from '(\.[^']*\.ts)'/g)].map(([, path = '']) => join(dirname(file), path))
  return [text, ...beside.map((path) => readFileSync(path, 'utf8'))]
}

describe.each(filesOfChecks())('check $number', ({ files }) => {
  test('has tests, and among them mutations and controls', () => {
    const texts = files.flatMap((file) => sourcesOf(join(import.meta.dirname, '..', '..', file)))
    expect(files).not.toEqual([])
    expect(texts.join('\n')).toMatch(/['"`]mutation: /)
    expect(texts.join('\n')).toMatch(/['"`]control: /)
  })
})

test('a test belongs to the check of its outermost describe', () => {
  expect(numberOf('check 18: a forged document.embed')).toBe(18)
  expect(numberOf('what check 18: is')).toBeUndefined()
  expect(numberOf(undefined)).toBeUndefined()
})
