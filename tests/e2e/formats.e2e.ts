import { type MediaType, formatOf } from '@quarry/contracts'
import type { Locator, Page } from '@playwright/test'
import { docxBytes, wordParagraph, xlsxBytes } from '../fixtures/office-files.ts'
import { documentRow, pickFiles, type UploadedFile } from './support/documents-page.ts'
import { inEveryLook } from './support/looks.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'

const file = (name: string, mimeType: MediaType, content: string | Buffer): UploadedFile => ({
  name,
  mimeType,
  buffer: Buffer.from(content),
})

const cell = (text: string) => `<w:tc>${wordParagraph(text)}</w:tc>`
const RULES = docxBytes(
  wordParagraph('Rules of the harbour', '<w:outlineLvl w:val="0"/>') +
    wordParagraph('The harbour master keeps the register of moorings.') +
    `<w:tbl><w:tr>${cell('Berth')}${cell('Length')}</w:tr><w:tr>${cell('Osprey')}${cell('14 metres')}</w:tr></w:tbl>`,
)

const inline = (ref: string, text: string) => `<c r="${ref}" t="inlineStr"><is><t>${text}</t></is></c>`
const sheet = (...rows: string[][]) =>
  `<sheetData>${rows.map((cells, i) => `<row r="${i + 1}">${cells.map((text, j) => inline(`${'AB'[j]}${i + 1}`, text)).join('')}</row>`).join('')}</sheetData>`
const BUDGET = xlsxBytes([
  { name: 'Income', xml: sheet(['Source', 'Amount'], ['Ferry tickets', '4100']) },
  { name: 'Expenses', xml: sheet(['Item', 'Cost'], ['Buoy painting', '920'], ['Rope', '75']) },
])

const PAGE = `<!doctype html><title>Care of ropes</title><body><nav>Start</nav><main><h1>Care of ropes</h1>
<p>A hemp rope is dried before it is coiled.</p><ul><li>never in the sun</li></ul>
<pre>coil(rope)\n  if dry</pre></main>`
const PARTS = 'part,description,price\nA-1,"Shackle, galvanised",12\nA-2,Turnbuckle,31\n'

/** A picture of one line of text, and where that stands on it, as shares of its width and height. */
const drawPicture = (page: Page, line: string) =>
  page.evaluate((text) => {
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: 1400, height: 500 })
    const context = canvas.getContext('2d')
    if (context === null) throw new Error('no canvas')
    context.fillStyle = '#fff'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.fillStyle = '#111'
    context.font = '48px sans-serif'
    context.fillText(text, 100, 260)
    const { width, actualBoundingBoxAscent: above, actualBoundingBoxDescent: below } = context.measureText(text)
    return {
      base64: canvas.toDataURL('image/png').slice('data:image/png;base64,'.length),
      left: 100 / canvas.width,
      right: (100 + width) / canvas.width,
      top: (260 - above) / canvas.height,
      bottom: (260 + below) / canvas.height,
    }
  }, line)

const SIGN = 'The lamp of this lighthouse burns rapeseed oil'

/** Searches, opens the passage beside the results, and gives the panel once its words are marked. */
const openPassage = async (page: Page, words: string, passage: string): Promise<Locator> => {
  await page.goto(`/search?q=${encodeURIComponent(words)}`)
  await page.getByTestId('search-result').filter({ hasText: passage }).first().click()
  const panel = page.getByTestId('source-panel')
  await expect(panel.getByTestId('highlight').first()).toBeVisible()
  return panel
}
/** What is marked, as one line; the bars and line ends of a table are drawn, not written. */
const markedText = async (panel: Locator): Promise<string> =>
  (await panel.getByTestId('highlight').allTextContents()).join(' ').replaceAll(/\s+/g, ' ')

test('each format is read, found and shown with its words marked', async ({ page }) => {
  test.setTimeout(240_000)
  await signUp(page)
  const picture = await drawPicture(page, SIGN)
  const files = [
    file('rules.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', RULES),
    file('budget.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', BUDGET),
    file('ropes.html', 'text/html', PAGE),
    file('parts.csv', 'text/csv', PARTS),
    file('sign.png', 'image/png', Buffer.from(picture.base64, 'base64')),
  ]
  await page.goto('/documents')
  await pickFiles(page, files)
  for (const { name } of files) await expect(documentRow(page, name)).toContainText('Searchable', { timeout: 90_000 })

  await test.step('the list can be of one of them', async () => {
    await page.getByLabel('Type').selectOption(formatOf('text/csv').name)
    await expect(page.getByTestId('document-row')).toHaveCount(1)
    await expect(documentRow(page, 'parts.csv')).toBeVisible()
  })

  await test.step('Word: a heading, a paragraph and a table', async () => {
    const panel = await openPassage(page, 'harbour register moorings', 'keeps the register')
    expect(await markedText(panel)).toContain('The harbour master keeps the register of moorings.')
    await expect(panel.getByRole('columnheader', { name: 'Berth' })).toBeVisible()
    await expect(panel.getByRole('cell', { name: '14 metres' })).toBeVisible()
  })

  await test.step('Excel: the sheet by its name, its cells marked, and the way to the other sheet', async () => {
    const panel = await openPassage(page, 'buoy painting cost', 'Buoy painting')
    await expect(panel.getByTestId('section-label')).toHaveText('Expenses')
    await expect(panel.getByRole('cell', { name: 'Buoy painting' }).getByTestId('highlight')).toHaveText(
      'Buoy painting',
    )
    expect(await markedText(panel)).toContain('Buoy painting 920')
    await panel.getByLabel('Sections of the document').selectOption('Income')
    await expect(panel.getByRole('cell', { name: 'Ferry tickets' })).toBeVisible()
    await inEveryLook(page, 'a sheet')
  })

  await test.step('a web page: its list and its code, and not its menu', async () => {
    const panel = await openPassage(page, 'hemp rope dried', 'hemp rope')
    expect(await markedText(panel)).toContain('A hemp rope is dried before it is coiled.')
    await expect(panel.getByRole('listitem')).toContainText('never in the sun')
    await expect(panel.getByRole('region', { name: 'Code' })).toContainText('coil(rope)')
    await inEveryLook(page, 'a web page')
    await expect(panel.getByText('Start', { exact: true })).toHaveCount(0)
  })

  await test.step('CSV: a comma inside of a cell is no column', async () => {
    const panel = await openPassage(page, 'galvanised shackle', 'galvanised')
    await expect(panel.getByRole('columnheader')).toHaveText(['part', 'description', 'price'])
    await expect(panel.getByRole('cell', { name: 'Shackle, galvanised' }).getByTestId('highlight')).toBeVisible()
  })

  await test.step('a picture: its words marked where they stand, as recognised text that may have errors', async () => {
    const panel = await openPassage(page, 'lighthouse rapeseed', 'rapeseed')
    await expect(panel.getByTestId('ocr-bar')).toContainText('may have errors')
    const image = await panel.getByTestId('source-image').boundingBox()
    if (image === null) throw new Error('the picture is not shown')
    const marks = await panel.getByTestId('highlight').evaluateAll((all) =>
      all.map((mark) => {
        const { left, right, top, bottom } = mark.getBoundingClientRect()
        return { left, right, top, bottom }
      }),
    )
    const share = {
      left: (Math.min(...marks.map((m) => m.left)) - image.x) / image.width,
      right: (Math.max(...marks.map((m) => m.right)) - image.x) / image.width,
      top: (Math.min(...marks.map((m) => m.top)) - image.y) / image.height,
      bottom: (Math.max(...marks.map((m) => m.bottom)) - image.y) / image.height,
    }
    // Recognition boxes letters to a few pixels of 1,400, and a mark stands out by one.
    for (const edge of ['left', 'right', 'top', 'bottom'] as const)
      expect(Math.abs(share[edge] - picture[edge]), edge).toBeLessThan(0.03)

    await inEveryLook(page, 'a picture')
    await panel.getByRole('button', { name: 'Show the recognised text' }).click()
    expect(await markedText(panel)).toContain('rapeseed oil')
    await inEveryLook(page, 'recognised text')
  })
})
