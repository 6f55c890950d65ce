import { expect, test } from 'vitest'
import { printable } from './printable.ts'

test('escape sequences are taken apart, and lines are kept', () => {
  expect(printable('a\u001B[2Jb\u009Bc\r\u0007\n\td 合')).toBe('a[2Jbc\n\td 合')
})
