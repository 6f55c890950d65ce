import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deflateSync } from 'node:zlib'
import { degrees, PDFDocument, PDFName, PDFRawStream, StandardFonts, type PDFPage } from 'pdf-lib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recogniser, type OcrSettings } from '../ocr/recogniser.ts'
import type { ReadStep } from '../parsed-page.ts'
import { OCR, pictureOf } from '../testing/pictures.ts'
import { readPdf } from './read-pdf.ts'

const SLOW = 120_000
const LINES = ['The keeper of the northern lighthouse counts', 'the ships and writes their names into a note-', 'book.']
const PROSE = Array.from({ length: 8 }, (_, i) => `Line ${i} of a page that was written and not scanned.`)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-scan-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Result {
  readonly steps: ReadStep[]
  /** The pages that were recognised. */
  readonly recognised: number[]
}

async function read(document: PDFDocument, settings: OcrSettings | null = OCR): Promise<Result> {
  const file = path.join(folder, 'scan.pdf')
  await writeFile(file, await document.save())
  const recognised: number[] = []
  const recogniser = new Recogniser(settings, ({ ordinal }) => {
    recognised.push(ordinal)
    return Promise.resolve()
  })
  const steps: ReadStep[] = []
  try {
    for await (const step of readPdf(file, recogniser)) steps.push(step)
  } finally {
    await recogniser.close()
  }
  return { steps, recognised }
}

const WIDTH = 420
const HEIGHT = 200
/** A page that is nothing but a picture of 240 dots an inch. */
async function addScan(document: PDFDocument, lines: readonly string[] = LINES): Promise<PDFPage> {
  const { canvas } = pictureOf(lines, { width: 1400, height: 667 })
  const page = document.addPage([WIDTH, HEIGHT])
  page.drawImage(await document.embedPng(canvas.toBuffer('image/png')), { x: 0, y: 0, width: WIDTH, height: HEIGHT })
  return page
}

async function addText(document: PDFDocument, lines: readonly string[] = PROSE): Promise<PDFPage> {
  const page = document.addPage([WIDTH, HEIGHT])
  const font = await document.embedFont(StandardFonts.Helvetica)
  lines.forEach((line, i) => page.drawText(line, { x: 30, y: HEIGHT - 30 - i * 14, size: 10, font }))
  return page
}

/** A page whose instructions are no longer what was compressed. */
function addBroken(document: PDFDocument, spoil: (bytes: Uint8Array) => void): void {
  const page = document.addPage([WIDTH, HEIGHT])
  const bytes = deflateSync(Buffer.from('BT /F 12 Tf 50 100 Td (hello) Tj ET\n'.repeat(100)))
  spoil(bytes)
  const { context } = document
  const stream = PDFRawStream.of(context.obj({ Length: bytes.length, Filter: 'FlateDecode' }), bytes)
  page.node.set(PDFName.of('Contents'), context.register(stream))
}

const texts = ({ steps }: Result) => steps.map(({ page }) => page.text.replace(/\s+/gu, ' '))
const warnings = ({ steps }: Result) => steps.map(({ warning }) => warning)

describe('a scanned page', () => {
  test(
    'is recognised, between pages with text, which are not',
    async () => {
      const document = await PDFDocument.create()
      await addText(document)
      await addScan(document)
      await addText(document)
      const result = await read(document)
      expect(result.recognised).toEqual([2])
      expect(texts(result)[1]).toBe(
        'The keeper of the northern lighthouse counts the ships and writes their names into a notebook.',
      )
      expect(result.steps.map(({ page }) => page.ocr)).toEqual([undefined, true, undefined])
      expect(result.steps[1]?.page).toMatchObject({ page: 2, width: WIDTH, height: HEIGHT })
      expect(warnings(result)).toEqual([undefined, undefined, undefined])
    },
    SLOW,
  )

  test.each([0, 90, 180, 270])(
    'turned by %i degrees has its words where they are seen, in points',
    async (angle) => {
      const { words } = pictureOf(LINES, { width: 1400, height: 667 })
      const document = await PDFDocument.create()
      // What is drawn turned back and shown turned is seen upright; half of the scans in the world are made so.
      const page = await addScan(document)
      page.setRotation(degrees(angle))
      const { steps } = await read(document)
      const [step] = steps
      const scale = 1400 / WIDTH
      const drawn = words.find(({ text }) => text === 'northern')
      if (step === undefined || drawn === undefined) throw new Error('not drawn')
      const at = step.page.text.indexOf('northern')
      expect(at).toBeGreaterThan(-1)
      const [, , x = 0, y = 0, width = 0, height = 0] =
        step.page.boxes.find(([start, end]) => start <= at && at < end) ?? []
      const [cx, cy] = [(drawn.x + drawn.width / 2) / scale, (drawn.top + drawn.baseline) / 2 / scale]
      const seen = [
        [cx, cy],
        [HEIGHT - cy, cx],
        [WIDTH - cx, HEIGHT - cy],
        [cy, WIDTH - cx],
      ][angle / 90]
      expect(Math.abs(x + width / 2 - (seen?.[0] ?? 0))).toBeLessThan(2)
      expect(Math.abs(y + height / 2 - (seen?.[1] ?? 0))).toBeLessThan(2)
    },
    SLOW,
  )

  test(
    'with a page number and a stamp as text is one all the same',
    async () => {
      const document = await PDFDocument.create()
      const page = await addScan(document)
      page.drawText('copy 17', { x: 380, y: 10, size: 8 })
      const result = await read(document)
      expect(texts(result)[0]).toContain('northern lighthouse')
    },
    SLOW,
  )

  test(
    'that already has its text, and a page with a picture in it, keep theirs and it is not said twice',
    async () => {
      const document = await PDFDocument.create()
      const page = await addScan(document)
      const font = await document.embedFont(StandardFonts.Helvetica)
      PROSE.forEach((line, i) => page.drawText(line, { x: 20, y: 170 - i * 14, size: 9, font, opacity: 0 }))
      const figure = await addText(document)
      const { canvas } = pictureOf(['Figure of a lamp'], { width: 400, height: 100 })
      figure.drawImage(await document.embedPng(canvas.toBuffer('image/png')), { x: 30, y: 5, width: 100, height: 25 })
      const title = await addText(document, ['Chapter One'])
      title.drawImage(await document.embedPng(canvas.toBuffer('image/png')), { x: 30, y: 5, width: 100, height: 25 })
      const result = await read(document)
      expect(result.recognised).toEqual([])
      expect(texts(result)[0]).not.toContain('lighthouse')
      expect(texts(result)[2]).toBe('Chapter One')
    },
    SLOW,
  )

  test('is not recognised when recognition is off', async () => {
    const document = await PDFDocument.create()
    await addText(document)
    await addScan(document)
    const result = await read(document, null)
    expect(warnings(result)).toEqual([undefined, 'no_text_on_page'])
  })

  test(
    'of nothing but paper, an empty page, and one with a space on it are left empty on purpose: nothing is said',
    async () => {
      const document = await PDFDocument.create()
      await addText(document)
      await addScan(document, [])
      document.addPage([WIDTH, HEIGHT])
      await addText(document, [' '])
      const result = await read(document)
      expect(warnings(result)).toEqual([undefined, undefined, undefined, undefined])
      expect(texts(result).slice(1)).toEqual(['', '', ''])
      const blank = await PDFDocument.create()
      await addScan(blank, [])
      await expect(read(blank)).rejects.toMatchObject({ code: 'no_text' })
    },
    SLOW,
  )
})

test(
  'a page with a drawing, and one with a picture, in which no text is found are named',
  async () => {
    const document = await PDFDocument.create()
    await addText(document)
    document.addPage([WIDTH, HEIGHT]).drawCircle({ x: 200, y: 100, size: 80, borderWidth: 3 })
    const { canvas } = pictureOf([], { width: 400, height: 100, paper: '#246' })
    const photo = document.addPage([WIDTH, HEIGHT])
    photo.drawImage(await document.embedPng(canvas.toBuffer('image/png')), { x: 60, y: 40, width: 300, height: 120 })
    document.addPage([WIDTH, HEIGHT])
    expect(warnings(await read(document))).toEqual([undefined, 'no_text_on_page', 'no_text_on_page', undefined])
    expect(warnings(await read(document, null))).toEqual([undefined, 'no_text_on_page', 'no_text_on_page', undefined])
  },
  SLOW,
)

describe('limits', () => {
  test(
    'pages beyond the number that one file may have recognised are named',
    async () => {
      const document = await PDFDocument.create()
      for (let i = 0; i < 3; i++) await addScan(document)
      const result = await read(document, { ...OCR, maxPages: 2 })
      expect(result.recognised).toEqual([1, 2])
      expect(warnings(result)).toEqual([undefined, undefined, 'truncated'])
      expect(texts(result)[2]).toBe('')
    },
    SLOW,
  )

  test(
    'a page that takes too long is given up, and the file goes on; in all they have the time of one',
    async () => {
      const document = await PDFDocument.create()
      await addText(document)
      for (let i = 0; i < 3; i++) await addScan(document)
      const began = performance.now()
      const result = await read(document, { ...OCR, pageMs: 20 })
      expect(performance.now() - began).toBeLessThan(10_000)
      expect(warnings(result)).toEqual([undefined, 'ocr_failed', 'ocr_failed', 'ocr_failed'])
      // The first one took all of it: the others were not tried.
      expect(result.recognised).toEqual([2])
    },
    SLOW,
  )

  test(
    'a page that would take the memory of the whole process is given up, and the file goes on',
    async () => {
      const document = await PDFDocument.create()
      await addText(document)
      await addScan(document)
      const result = await read(document, { ...OCR, memoryMb: 1 })
      expect(warnings(result)).toEqual([undefined, 'ocr_failed'])
    },
    SLOW,
  )

  test(
    'a file of which nothing could be recognised says why',
    async () => {
      const document = await PDFDocument.create()
      await addScan(document)
      await expect(read(document, { ...OCR, pageMs: 1 })).rejects.toMatchObject({ code: 'too_slow' })
    },
    SLOW,
  )
})

describe('a damaged page', () => {
  const ways = [
    ['from its beginning', (bytes: Uint8Array) => void bytes.fill(0x20)],
    ['from its middle', (bytes: Uint8Array) => void bytes.fill(0xff, bytes.length >> 1)],
  ] as const

  test.each(ways)('%s is named, and the others are read', async (_where, spoil) => {
    const document = await PDFDocument.create()
    await addText(document)
    addBroken(document, spoil)
    await addText(document, ['The last page speaks of lanterns.'])
    const result = await read(document, null)
    expect(warnings(result)).toEqual([undefined, 'page_unreadable', undefined])
    expect(texts(result)[2]).toBe('The last page speaks of lanterns.')
    expect(result.steps.map(({ page }) => page.ordinal)).toEqual([1, 2, 3])
  })

  test.each(ways)('%s makes a file of nothing else a damaged one', async (_where, spoil) => {
    const document = await PDFDocument.create()
    addBroken(document, spoil)
    await expect(read(document, null)).rejects.toMatchObject({ code: 'damaged' })
  })
})
