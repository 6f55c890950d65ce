import type { Page } from '@playwright/test'
import {
  COLUMN_CROSSING_SENTENCE,
  HYPHENATED_SENTENCE,
  JUSTIFIED_SENTENCE,
  placesOf,
  twoColumnPaper,
  type Paper,
} from '../fixtures/pdf/two-column-paper.ts'
import type { DrawnWord } from '../fixtures/pdf/typesetting.ts'
import { ask, citations } from './support/chat-page.ts'
import { addSearchable, pdf } from './support/documents-page.ts'
import { markProblems, type ExpectedLine, type Rectangle } from './support/highlight-geometry.ts'
import { signUp } from './support/people.ts'
import { quoteQuestion } from './support/scripted-model.ts'
import { expect, scriptedTest as test } from './support/test.ts'

/** Points; the paper is A4. */
const PAGE_WIDTH = 595
/** Points: boxes are rounded to a tenth, a mark may stand out by one, and the canvas has whole pixels. */
const TOLERANCE = 1.5

let paper: Paper
test.beforeAll(async () => {
  paper = await twoColumnPaper()
})

/** Where the page of the paper is drawn, in CSS pixels of the window, and how many of them a point is. */
const drawnPage = async (page: Page) => {
  const box = await page.getByRole('img', { name: /^Page \d+ of/ }).boundingBox()
  if (box === null) throw new Error('the page is not drawn')
  return { ...box, scale: box.width / PAGE_WIDTH }
}

const marksOn = (page: Page): Promise<Rectangle[]> =>
  page.getByTestId('highlight').evaluateAll((marks) =>
    marks.map((mark) => {
      const { x, y, width, height } = mark.getBoundingClientRect()
      return { x, y, width, height }
    }),
  )

/** The lines in which words stand, in CSS pixels of the window. */
const expectedLines = (words: readonly DrawnWord[], at: { x: number; y: number; scale: number }): ExpectedLine[] =>
  [...Map.groupBy(words, (word) => word.line).values()].map((line) =>
    line.map(({ x, y, width, height }) => ({
      x: at.x + x * at.scale,
      y: at.y + y * at.scale,
      width: width * at.scale,
      height: height * at.scale,
    })),
  )

const QUOTES = [
  { name: 'split by a hyphen at the end of a line', quote: HYPHENATED_SENTENCE, page: 1, columns: 1 },
  { name: 'from the foot of one column to the head of the next', quote: COLUMN_CROSSING_SENTENCE, page: 1, columns: 2 },
  { name: 'in justified lines of the second page', quote: JUSTIFIED_SENTENCE, page: 2, columns: 1 },
]

test('a quote is marked exactly where its words are printed', async ({ page }) => {
  await signUp(page)
  await addSearchable(page, [pdf('registers.pdf', paper.bytes)])
  for (const { name, quote, page: number, columns } of QUOTES) {
    await test.step(name, async () => {
      const words = placesOf(paper, quote)
      // The fixture is what it says: the quote is hyphenated and stands in so many columns.
      expect(words.some(({ text }) => text.endsWith('-'))).toBe(true)
      expect(new Set(words.map(({ column }) => column)).size).toBe(columns)

      await ask(page, quoteQuestion(quote))
      await expect(citations(page)).toHaveCount(1)
      await expect(citations(page)).toHaveAttribute('data-verified', 'true')
      await expect(citations(page)).toHaveAccessibleName(new RegExp(`page ${number}$`))
      await citations(page).click()

      const look = async () => {
        const at = await drawnPage(page)
        return { marks: await marksOn(page), lines: expectedLines(words, at), tolerance: TOLERANCE * at.scale }
      }
      const problems = async () => {
        const { marks, lines, tolerance } = await look()
        return markProblems(marks, lines, tolerance)
      }
      await expect(page.getByTestId('highlight').first()).toBeVisible()
      // The panel appears and the canvas is drawn to fit: until then nothing is where it will be.
      await expect.poll(problems).toEqual([])

      // The measure itself: what is a little off is seen in any direction, and so is a mark too many or too few.
      const { marks, lines, tolerance } = await look()
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        const step = 1.75 * tolerance
        const moved = marks.map((mark) => ({ ...mark, x: mark.x + dx * step, y: mark.y + dy * step }))
        expect(markProblems(moved, lines, tolerance)).not.toEqual([])
      }
      expect(markProblems(marks.slice(1), lines, tolerance)).not.toEqual([])
      expect(markProblems([...marks, { x: 0, y: 0, width: 9, height: 9 }], lines, tolerance)).not.toEqual([])
    })
  }
})

test('marks stay on their words when the page is enlarged', async ({ page }) => {
  await signUp(page)
  await addSearchable(page, [pdf('registers.pdf', paper.bytes)])
  await ask(page, quoteQuestion(HYPHENATED_SENTENCE))
  const href = await citations(page).getAttribute('href')
  await page.goto(href ?? '')
  await expect(page.getByTestId('highlight').first()).toBeVisible()
  const { scale } = await drawnPage(page)
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await expect.poll(async () => (await drawnPage(page)).scale).toBeGreaterThan(scale * 1.1)
  const words = placesOf(paper, HYPHENATED_SENTENCE)
  await expect
    .poll(async () => {
      const at = await drawnPage(page)
      return markProblems(await marksOn(page), expectedLines(words, at), TOLERANCE * at.scale)
    })
    .toEqual([])
})
