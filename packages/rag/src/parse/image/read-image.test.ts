import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { createCanvas } from '@napi-rs/canvas'
import type { MediaType } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recogniser, type OcrSettings } from '../ocr/recogniser.ts'
import type { ReadStep } from '../parsed-page.ts'
import { readPages } from '../read-file.ts'
import { OCR, pictureOf, turned } from '../testing/pictures.ts'
import { imageHeader } from './image-header.ts'

const LINES = [
  'The keeper of the northern lighthouse counts the ships',
  'and writes their names into a waterproof note-',
  'book. Invoice 2024-117 is due on 3 May.',
]
const SLOW = 120_000

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-image-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(bytes: Uint8Array, mediaType: MediaType, settings: OcrSettings | null = OCR): Promise<ReadStep> {
  const file = path.join(folder, 'image')
  await writeFile(file, bytes)
  const recogniser = new Recogniser(settings, () => Promise.resolve())
  try {
    for await (const step of readPages({ path: file, mediaType }, recogniser)) return step
  } finally {
    await recogniser.close()
  }
  throw new Error('nothing was read')
}

/** A JPEG as a camera writes it that was held sideways: the rows of the sensor, and a note. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array {
  const tiff = Buffer.alloc(26)
  tiff.write('MM\0*', 'latin1')
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(1, 8)
  tiff.writeUInt16BE(0x112, 10)
  tiff.writeUInt16BE(3, 12)
  tiff.writeUInt32BE(1, 14)
  tiff.writeUInt16BE(orientation, 18)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(2 + 6 + tiff.length)
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1]), length, Buffer.from('Exif\0\0', 'latin1'), tiff])
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)])
}

describe('the text of an image', () => {
  test.each(['image/png', 'image/jpeg', 'image/webp'] as const)(
    'is read from %s, its words where they were drawn',
    async (type) => {
      const { canvas, words, width, height } = pictureOf(LINES)
      const { page, warning } = await read(canvas.toBuffer(type as 'image/png'), type)
      expect(page.text.replace(/\s+/gu, ' ')).toContain('into a waterproof notebook. Invoice 2024-117 is due on 3 May.')
      expect(page).toMatchObject({ ordinal: 1, page: null, width, height, ocr: true })
      expect(warning).toBeUndefined()
      for (const word of words.filter(({ text }) => /^\w{4,}$/u.test(text))) {
        const at = page.text.indexOf(word.text)
        const [, , x = 0, y = 0, w = 0, h = 0] = page.boxes.find(([start, end]) => start <= at && at < end) ?? []
        // Four pixels of a letter of 36.
        expect(Math.abs(x - word.x), word.text).toBeLessThan(4)
        expect(Math.abs(x + w - (word.x + word.width)), word.text).toBeLessThan(4)
        expect(y, word.text).toBeGreaterThan(word.top - 4)
        expect(y + h, word.text).toBeGreaterThan(word.baseline - 4)
        expect(y + h, word.text).toBeLessThan(word.baseline + 14)
      }
    },
    SLOW,
  )

  test(
    'is read in a screenshot: small letters, light on dark',
    async () => {
      const { canvas, words } = pictureOf(LINES, { size: 12, width: 500, ink: '#ddd', paper: '#1e1e1e' })
      const { page } = await read(canvas.toBuffer('image/png'), 'image/png')
      expect(page.text).toContain('Invoice 2024-117 is due on 3 May.')
      const at = page.text.indexOf('lighthouse')
      const box = page.boxes.find(([start, end]) => start <= at && at < end)
      const drawn = words.find(({ text }) => text === 'lighthouse')
      expect(Math.abs((box?.[2] ?? 0) - (drawn?.x ?? 0))).toBeLessThan(3)
    },
    SLOW,
  )

  test(
    'is read upright where the camera says how it was held',
    async () => {
      const { canvas, words, width, height } = pictureOf(LINES)
      const jpeg = withOrientation(turned(canvas, 3).toBuffer('image/jpeg'), 6)
      const { page } = await read(jpeg, 'image/jpeg')
      expect(page.text).toContain('northern lighthouse')
      expect(page).toMatchObject({ width, height })
      const at = page.text.indexOf('northern')
      const box = page.boxes.find(([start, end]) => start <= at && at < end)
      expect(Math.abs((box?.[2] ?? 0) - (words.find(({ text }) => text === 'northern')?.x ?? 0))).toBeLessThan(4)
    },
    SLOW,
  )

  test.each([1, 2, 3] as const)(
    'is read where it lies on its side, by %i quarters',
    async (quarters) => {
      const { canvas, words, width, height } = pictureOf(LINES)
      const { page } = await read(turned(canvas, quarters).toBuffer('image/png'), 'image/png')
      expect(page.text).toContain('northern lighthouse')
      const [w, h] = quarters === 2 ? [width, height] : [height, width]
      expect(page).toMatchObject({ width: w, height: h })
      const at = page.text.indexOf('northern')
      const [, , x = 0, y = 0, boxWidth = 0, boxHeight = 0] =
        page.boxes.find(([start, end]) => start <= at && at < end) ?? []
      const drawn = words.find(({ text }) => text === 'northern')
      if (drawn === undefined) throw new Error('not drawn')
      const middle = [drawn.x + drawn.width / 2, (drawn.top + drawn.baseline) / 2] as const
      const [cx, cy] = {
        1: [height - middle[1], middle[0]] as const,
        2: [width - middle[0], height - middle[1]] as const,
        3: [middle[1], width - middle[0]] as const,
      }[quarters]
      expect(Math.abs(x + boxWidth / 2 - cx)).toBeLessThan(6)
      expect(Math.abs(y + boxHeight / 2 - cy)).toBeLessThan(6)
    },
    SLOW,
  )
})

describe('an image without text', () => {
  const drawing = () => {
    const canvas = createCanvas(600, 400)
    const context = canvas.getContext('2d')
    context.fillStyle = '#fff'
    context.fillRect(0, 0, 600, 400)
    context.fillStyle = '#47a'
    context.fillRect(100, 100, 300, 150)
    return canvas.toBuffer('image/png')
  }

  test('has no text', () => expect(read(drawing(), 'image/png')).rejects.toMatchObject({ code: 'no_text' }), SLOW)

  test('neither has any when recognition is off', () =>
    expect(read(pictureOf(LINES).canvas.toBuffer('image/png'), 'image/png', null)).rejects.toMatchObject({
      code: 'no_text',
    }))

  test('that is cut off, or is none, is damaged', async () => {
    const whole = drawing()
    await expect(read(whole.subarray(0, 20), 'image/png')).rejects.toMatchObject({ code: 'damaged' })
    await expect(read(whole.subarray(0, 60), 'image/png')).rejects.toMatchObject({ code: 'damaged' })
    await expect(read(Buffer.from('no image at all, but text'), 'image/webp')).rejects.toMatchObject({
      code: 'damaged',
    })
  }, 120_000)

  test('that takes too long has been too slow', () =>
    expect(
      read(pictureOf(LINES).canvas.toBuffer('image/png'), 'image/png', { ...OCR, pageMs: 1 }),
    ).rejects.toMatchObject({ code: 'too_slow' }))
})

/** A PNG of this size, all of one colour: a thousandth of its memory as a file. */
function bomb(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const head = Buffer.alloc(8)
    head.writeUInt32BE(data.length)
    head.write(type, 4, 'latin1')
    // Whoever refuses by the header never comes to the checksum.
    return Buffer.concat([head, data, Buffer.alloc(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

describe('a decompression bomb', () => {
  test('is refused by its header, before anything is decoded', async () => {
    let recognised = 0
    const file = path.join(folder, 'bomb')
    await writeFile(file, bomb(100_000, 100_000))
    const recogniser = new Recogniser({ ...OCR, memoryMb: 460 }, () => {
      recognised++
      return Promise.resolve()
    })
    await expect(readPages({ path: file, mediaType: 'image/png' }, recogniser).next()).rejects.toMatchObject({
      code: 'too_much_memory',
    })
    expect(recognised).toBe(0)
  })

  test('is told from a photograph of 20 million pixels', () => {
    const recogniser = new Recogniser({ ...OCR, memoryMb: 460 }, () => Promise.resolve())
    const photograph = imageHeader(createCanvas(5472, 3648).toBuffer('image/jpeg'), 'image/jpeg')
    expect(photograph).toMatchObject({ width: 5472, height: 3648 })
    expect(recogniser.fits(5472 * 3648 * (photograph?.memoryPerPixel ?? Infinity))).toBe(true)
  })
})
