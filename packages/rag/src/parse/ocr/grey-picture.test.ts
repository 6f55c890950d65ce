import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { enlarged, fromGreyPng, isBlank } from './grey-picture.ts'

/** A PNG of three rows, filtered by what the specification calls Sub, Up and Average, then Paeth. */
function png(rows: readonly (readonly number[])[], width: number): Uint8Array {
  const header = Buffer.alloc(33)
  header.writeUInt32BE(13, 8)
  header.write('IHDR', 12, 'latin1')
  header.writeUInt32BE(width, 16)
  header.writeUInt32BE(rows.length, 20)
  header.set([8, 0, 0, 0, 0], 24)
  const data = deflateSync(Buffer.from(rows.flat()))
  const head = Buffer.alloc(8)
  head.writeUInt32BE(data.length)
  head.write('IDAT', 4, 'latin1')
  return Buffer.concat([header, head, data, Buffer.alloc(4)])
}

test('a PNG is read with each of its filters', () => {
  const picture = fromGreyPng(
    png(
      [
        [0, 10, 20, 30],
        [1, 10, 10, 10],
        [2, 5, 5, 5],
        [3, 1, 1, 1],
        [4, 1, 2, 3],
      ],
      3,
    ),
  )
  const average = [1 + (15 >> 1), 1 + ((8 + 25) >> 1), 1 + ((17 + 35) >> 1)]
  // Paeth: the first has only what is above; then left + above - above left, and whichever of the three is nearest.
  const paeth = [1 + 8, 2 + 17, 3 + 27]
  expect([...picture.pixels]).toEqual([10, 20, 30, 10, 20, 30, 15, 25, 35, ...average, ...paeth])
})

test('an enlarged picture has straight lines between its pixels', () => {
  const { width, height, pixels } = enlarged({ width: 2, height: 1, pixels: new Uint8Array([0, 200]) }, 2)
  expect([width, height, ...pixels]).toEqual([4, 2, 0, 50, 150, 200, 0, 50, 150, 200])
})

test('paper with the noise of a scanner is blank, a grey letter on it is not', () => {
  const pixels = Uint8Array.from({ length: 100 }, (_, i) => 240 + (i % 16))
  expect(isBlank({ width: 10, height: 10, pixels })).toBe(true)
  pixels[50] = 180
  expect(isBlank({ width: 10, height: 10, pixels })).toBe(false)
})
