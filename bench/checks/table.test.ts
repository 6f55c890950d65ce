import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOfChecks, numberOf } from './table.mjs'

describe.each(filesOfChecks())('check $number', ({ files }) => {
  test('has tests, and among them mutations and controls', () => {
    const texts = files.map((file) => readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8'))
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
