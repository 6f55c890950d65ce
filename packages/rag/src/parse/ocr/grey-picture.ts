import { inflateSync } from 'node:zlib'

/** One byte a pixel, row by row from the top, 0 black. */
export interface GreyPicture {
  readonly width: number
  readonly height: number
  readonly pixels: Uint8Array
}

/** Brighter and darker than this by noise alone: JPEG's, or a scanner's glass. */
const NOISE = 32

/** Whether every pixel is the same but for noise. */
export function isBlank({ pixels }: GreyPicture): boolean {
  let least = 255
  let most = 0
  for (const value of pixels) {
    if (value < least) least = value
    if (value > most) most = value
    if (most - least > NOISE) return false
  }
  return true
}

/** As a file that every image library reads (netpbm's "portable graymap"). */
export function toPgm({ width, height, pixels }: GreyPicture): Uint8Array {
  const header = new TextEncoder().encode(`P5\n${width} ${height}\n255\n`)
  const file = new Uint8Array(header.length + pixels.length)
  file.set(header)
  file.set(pixels, header.length)
  return file
}

/** A whole number of times as large, with straight lines between the pixels. */
export function enlarged({ width, height, pixels }: GreyPicture, times: number): GreyPicture {
  const columns = width * times
  const rows = height * times
  const large = new Uint8Array(columns * rows)
  for (let y = 0; y < rows; y++) {
    const fromY = Math.max(0, (y + 0.5) / times - 0.5)
    const top = Math.floor(fromY)
    const below = Math.min(height - 1, top + 1)
    const v = fromY - top
    for (let x = 0; x < columns; x++) {
      const fromX = Math.max(0, (x + 0.5) / times - 0.5)
      const left = Math.floor(fromX)
      const right = Math.min(width - 1, left + 1)
      const u = fromX - left
      const at = (row: number, column: number) => pixels[row * width + column] ?? 0
      large[y * columns + x] =
        (at(top, left) * (1 - u) + at(top, right) * u) * (1 - v) +
        (at(below, left) * (1 - u) + at(below, right) * u) * v
    }
  }
  return { width: columns, height: rows, pixels: large }
}

/**
 * Reads a PNG of 8-bit grey without interlacing, as Leptonica writes it (PNG specification, 2nd edition, 9.2: filters).
 * @throws when it is anything else.
 */
export function fromGreyPng(file: Uint8Array): GreyPicture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const width = view.getUint32(16)
  const height = view.getUint32(20)
  if (view.getUint8(24) !== 8 || view.getUint8(25) !== 0 || view.getUint8(28) !== 0) throw new Error('not a grey PNG')
  const parts: Uint8Array[] = []
  for (let at = 8; at + 12 <= file.length;) {
    const length = view.getUint32(at)
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8))
    if (type === 'IDAT') parts.push(file.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  const rows = inflateSync(Buffer.concat(parts), { maxOutputLength: (width + 1) * height })
  const pixels = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    const filter = rows[y * (width + 1)] ?? 0
    for (let x = 0; x < width; x++) {
      const left = x === 0 ? 0 : (pixels[y * width + x - 1] ?? 0)
      const up = y === 0 ? 0 : (pixels[(y - 1) * width + x] ?? 0)
      const upLeft = x === 0 || y === 0 ? 0 : (pixels[(y - 1) * width + x - 1] ?? 0)
      pixels[y * width + x] = (rows[y * (width + 1) + 1 + x] ?? 0) + predicted(filter, left, up, upLeft)
    }
  }
  return { width, height, pixels }
}

function predicted(filter: number, left: number, up: number, upLeft: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  if (filter !== 4) return 0
  const guess = left + up - upLeft
  const [byLeft, byUp, byBoth] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - upLeft)]
  if (byLeft <= byUp && byLeft <= byBoth) return left
  return byUp <= byBoth ? up : upLeft
}
