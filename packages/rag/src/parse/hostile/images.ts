import { crc32, deflateSync } from 'node:zlib'
import { MEBIBYTE, type HostileFile } from './hostile-file.ts'

const PNG = 'image/png'

function chunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const typed = Buffer.concat([Buffer.from(type), content])
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(typed))
  return Buffer.concat([length, typed, sum])
}

/** A grey PNG of 8 bits (ISO 15948). */
function pngBytes(width: number, height: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = 8
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Attacks by pictures, which are read for their text. */
export const IMAGES: readonly HostileFile[] = [
  {
    name: 'image: two and a half gigapixels in a few kilobytes',
    mediaType: PNG,
    bytes: () => pngBytes(50_000, 50_000, Buffer.alloc(10 * MEBIBYTE)),
    expected: ['too_much_memory', 'damaged', 'no_text'],
  },
  {
    name: 'image: one pixel',
    mediaType: PNG,
    bytes: () => pngBytes(1, 1, Buffer.from([0, 255])),
    expected: ['no_text'],
  },
  {
    name: 'image: cut off',
    mediaType: PNG,
    bytes: () => pngBytes(400, 400, Buffer.alloc(401 * 400, 255)).subarray(0, 60),
    expected: ['damaged', 'no_text'],
  },
  {
    name: 'image: JPEG by its name, a web page by its content',
    mediaType: 'image/jpeg',
    bytes: ({ url }) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}/a.png"/></svg>`),
    expected: ['damaged'],
  },
]
