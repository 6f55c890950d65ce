import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('a mistyped word is found up to two edits away', () => {
  expect(nearest('ingset', ['ingest', 'ask'])).toBe('ingest')
  expect(nearest('zzz', ['ask', 'eval'])).toBeNull()
})
