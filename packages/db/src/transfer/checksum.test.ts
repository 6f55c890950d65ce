import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addRows, isSame, NO_ROWS } from './checksum.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

test('a checksum is the same in any order and in any batches, and differs for other rows', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 30 }), fc.nat(), fc.string(), (rows, cut, extra) => {
      const digests = rows.map(md5)
      const whole = addRows(NO_ROWS, digests)
      const at = cut % (rows.length + 1)
      expect(addRows(addRows(NO_ROWS, digests.slice(at)), digests.slice(0, at))).toEqual(whole)
      expect(isSame(whole, addRows(NO_ROWS, [...digests.slice(1), md5(`${rows[0]}${extra}x`)]))).toBe(false)
      expect(isSame(whole, addRows(NO_ROWS, digests.slice(1)))).toBe(false)
    }),
    { numRuns: 200 },
  )
})
