import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { degrees, PDFDocument, StandardFonts, type PDFFont, type PDFPage } from 'pdf-lib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Recogniser } from '../ocr/recogniser.ts'
import type { ParsedPage } from '../parsed-page.ts'
import { readPdf } from './read-pdf.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-pdf-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function readBytes(bytes: Uint8Array): Promise<ParsedPage[]> {
  const file = path.join(folder, 'file.pdf')
  await writeFile(file, bytes)
  const pages: ParsedPage[] = []
  for await (const { page } of readPdf(file, new Recogniser(null, () => Promise.resolve()))) pages.push(page)
  return pages
}

interface Paper {
  readonly document: PDFDocument
  readonly page: PDFPage
  readonly font: PDFFont
  readonly bold: PDFFont
  readonly mono: PDFFont
}

async function draw(paint: (paper: Paper) => void, size: [number, number] = [600, 800]): Promise<ParsedPage> {
  const document = await PDFDocument.create()
  const page = document.addPage(size)
  const [font, bold, mono] = [
    await document.embedFont(StandardFonts.TimesRoman),
    await document.embedFont(StandardFonts.HelveticaBold),
    await document.embedFont(StandardFonts.Courier),
  ]
  paint({ document, page, font, bold, mono })
  const [read] = await readBytes(await document.save())
  if (read === undefined) throw new Error('no page was read')
  return read
}

/** Lines of text in one column, from the top. */
function column({ page, font }: Paper, x: number, top: number, lines: readonly string[], size = 10) {
  lines.forEach((line, i) => page.drawText(line, { x, y: 800 - top - i * 13, size, font }))
}

const kinds = (page: ParsedPage) => page.blocks.map(({ kind, start, end }) => [kind, page.text.slice(start, end)])
const boxesOf = (page: ParsedPage, quote: string) => {
  const at = page.text.indexOf(quote)
  if (at < 0) throw new Error(`“${quote}” is not in the text`)
  return page.boxes.filter(([start, end]) => start < at + quote.length && end > at)
}

const LEFT = [
  'The registers of the northern coast were con-',
  'sidered lost until a locksmith opened a cabinet',
  'in the customs house. They describe the weather',
  'and the supplies of the stations, and the well-',
]
const RIGHT = [
  'known keeper of the lighthouse recorded every',
  'pressure at midnight in a waterproof notebook',
  'which has no gaps and is therefore the longest',
  'observation of its kind that is known to us.',
]

describe('reading order', () => {
  test('reads columns one after the other, without the hyphens of line ends', async () => {
    const page = await draw((paper) => {
      column(paper, 60, 100, LEFT)
      column(paper, 310, 100, RIGHT)
    })
    expect(page.text).toBe(
      'The registers of the northern coast were considered lost until a locksmith opened a cabinet in the customs house. They describe the weather and the supplies of the stations, and the wellknown keeper of the lighthouse recorded every pressure at midnight in a waterproof notebook which has no gaps and is therefore the longest observation of its kind that is known to us.',
    )
  })

  test('keeps a hyphen that the document writes elsewhere', async () => {
    const page = await draw((paper) => {
      column(paper, 60, 60, ['A well-known preface stands above.'])
      column(paper, 60, 100, [...LEFT, ...RIGHT])
    })
    expect(page.text).toContain('the well-known keeper')
  })

  test('keeps a hyphen between two words that the document writes, where compounds are written apart', async () => {
    const lines = [...LEFT, ...RIGHT]
    const english = await draw((paper) => {
      column(paper, 60, 60, ['That this keeper is known for it is well the reason.'])
      column(paper, 60, 100, lines)
    })
    expect(english.text).toContain('the well-known keeper')
    const german = await draw((paper) => {
      column(paper, 60, 60, ['Das Haus hat eine Tür aus Holz.'])
      column(paper, 60, 100, ['Der Schlüssel zum Schloss der alten Haus-', 'tür hängt hinter dem Bild im Flur.'])
    })
    expect(german.text).toContain('der alten Haustür hängt')
  })

  test('reads the rows of a table across', async () => {
    const rows = [
      ['Name', 'Stock', 'Place'],
      ['Bolt', '450', 'A-12'],
      ['Washer', '1,200', 'B-07'],
      ['Nut', '780', 'C-15'],
      ['Screw', '90', 'D-22'],
    ]
    const page = await draw((paper) =>
      rows.forEach((row, i) =>
        row.forEach((cell, k) =>
          paper.page.drawText(cell, { x: 60 + k * 160, y: 700 - i * 20, size: 10, font: paper.font }),
        ),
      ),
    )
    expect(kinds(page)).toEqual([['table', rows.map((row) => row.join('  ')).join('\n')]])
  })

  test('keeps running heads and page numbers out of sentences', async () => {
    const page = await draw((paper) => {
      column(paper, 60, 30, ['Registers of the coast, page 7'])
      column(paper, 60, 120, LEFT.slice(0, 3))
      column(paper, 290, 770, ['7'])
    })
    expect(kinds(page).map(([kind]) => kind)).toEqual(['furniture', 'paragraph', 'furniture'])
  })

  test('knows headings, lists and code', async () => {
    const page = await draw((paper) => {
      paper.page.drawText('2.1 Keepers', { x: 60, y: 740, size: 16, font: paper.bold })
      column(paper, 60, 100, LEFT.slice(0, 3))
      column(paper, 70, 160, ['• oil for the lamp', '• wicks'])
      ;['if (lamp) {', '  light(lamp)', '}'].forEach((line, i) =>
        paper.page.drawText(line.trimStart(), {
          x: 60 + (line.length - line.trimStart().length) * 6,
          y: 560 - i * 13,
          size: 10,
          font: paper.mono,
        }),
      )
    })
    expect(kinds(page)).toMatchObject([
      ['heading', '2.1 Keepers'],
      ['paragraph', expect.stringContaining('considered')],
      ['list', '• oil for the lamp'],
      ['list', '• wicks'],
      ['code', 'if (lamp) {\n  light(lamp)\n}'],
    ])
    expect(page.blocks[0]?.level).toBe(2)
  })
})

describe('boxes', () => {
  /** In points. A box is rounded to a tenth; a pixel of the viewer is more. */
  const CLOSE = 0.2

  /** pdf-lib measures with kerning, and draws without. */
  const drawnWidth = (font: PDFFont | undefined, text: string) =>
    Array.from(text).reduce((sum, character) => sum + (font?.widthOfTextAtSize(character, 11) ?? 0), 0)

  test('stand where the words were drawn, to a fifth of a point', async () => {
    const line = 'Wi lli AV fluffy mmm. iiii WWWW office 1,234.50'
    let font: PDFFont | undefined
    const page = await draw((paper) => {
      font = paper.font
      paper.page.drawText(line, { x: 72, y: 700, size: 11, font: paper.font })
    })
    for (const word of line.split(' ')) {
      const [box] = boxesOf(page, word)
      const x = 72 + drawnWidth(font, line.slice(0, line.indexOf(word)))
      expect(Math.abs((box?.[2] ?? 0) - x)).toBeLessThan(CLOSE)
      expect(Math.abs((box?.[4] ?? 0) - drawnWidth(font, word))).toBeLessThan(CLOSE)
      // The baseline is 100 points below the top; Times rises .68 em above it.
      expect(Math.abs((box?.[3] ?? 0) - (100 - 0.683 * 11))).toBeLessThan(1)
    }
  })

  test('of a split word are two, and each covers its part', async () => {
    const page = await draw((paper) => column(paper, 60, 100, LEFT))
    const boxes = boxesOf(page, 'considered')
    expect(boxes).toHaveLength(2)
    expect(boxes.map(([start, end]) => page.text.slice(start, end))).toEqual(['con', 'sidered'])
    expect((boxes[1]?.[3] ?? 0) - (boxes[0]?.[3] ?? 0)).toBeCloseTo(13, 0)
  })

  test('follow the rotation of page and text', async () => {
    const page = await draw((paper) => {
      paper.page.setRotation(degrees(90))
      paper.page.drawText('turned', { x: 100, y: 200, size: 10, font: paper.font })
      paper.page.drawText('upright', { x: 300, y: 200, size: 10, font: paper.font, rotate: degrees(90) })
    })
    expect([page.width, page.height]).toEqual([800, 600])
    // The page is turned clockwise: its left edge is on top.
    const [turned] = boxesOf(page, 'turned')
    expect(turned?.[2]).toBeCloseTo(200 - 2.17, 0)
    expect(turned?.[3]).toBeCloseTo(100, 0)
    expect(turned?.[5]).toBeGreaterThan(turned?.[4] ?? 0)
    const [upright] = boxesOf(page, 'upright')
    expect(upright?.[4]).toBeGreaterThan(upright?.[5] ?? 0)
  })
})

describe('failures', () => {
  test('a file that is no PDF, or the start of one, is damaged', async () => {
    await expect(readBytes(Buffer.from('hello'))).rejects.toMatchObject({ code: 'damaged' })
    const document = await PDFDocument.create()
    document.addPage()
    const whole = await document.save()
    await expect(readBytes(whole.subarray(0, whole.length / 3))).rejects.toMatchObject({ code: 'damaged' })
  })

  test('pages without text have no text', async () => {
    const document = await PDFDocument.create()
    document.addPage().drawRectangle({ x: 10, y: 10, width: 100, height: 100 })
    await expect(readBytes(await document.save())).rejects.toMatchObject({ code: 'no_text' })
  })
})
