import type { Page } from '@playwright/test'
import { twoColumnPaper } from '../fixtures/pdf/two-column-paper.ts'
import { composer } from './support/chat-page.ts'
import { addSearchable, markdown, pdf, text } from './support/documents-page.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'

// Three documents are made searchable in each.
test.describe.configure({ timeout: 180_000 })

const HANDBOOK = `# Handbook of the mill

## The roof

The slate roof is inspected every April. A cracked slate is replaced within a week.

## The wheel

The water wheel turns from March to October. In winter the wheel is lifted out of the water.
`
const LETTER = 'Dear neighbours, the roof of the old barn will be covered with slate in May.'

const input = (page: Page) => page.getByTestId('search-input')
const results = (page: Page) => page.getByTestId('search-result')
const addDocuments = async (page: Page) => {
  await signUp(page)
  await addSearchable(page, [
    markdown('handbook.md', Buffer.from(HANDBOOK)),
    text('letter.txt', Buffer.from(LETTER)),
    pdf('registers.pdf', (await twoColumnPaper()).bytes),
  ])
}

test('passages are found as they are typed, opened and gone back from with the keyboard alone', async ({ page }) => {
  await addDocuments(page)
  await page.locator('main').focus()
  await page.keyboard.press('/')
  await expect(input(page)).toBeFocused()

  await page.keyboard.type('slate roo')
  await expect(results(page).first()).toBeVisible()
  await page.keyboard.type('f')
  await expect(page.getByTestId('search-summary')).toContainText(/\d+ passages? in 2 documents · \d/)
  // The words of the query, next to each other, are one mark.
  await expect(results(page).locator('mark').filter({ hasText: 'slate roof' })).toHaveCount(1)
  expect(new URL(page.url()).searchParams.get('q')).toBe('slate roof')

  await page.keyboard.press('ArrowDown')
  await expect(results(page).first()).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(results(page).nth(1)).toBeFocused()
  const opened = await results(page).nth(1).textContent()
  await page.keyboard.press('Enter')
  const panel = page.getByTestId('source-panel')
  expect(opened).toContain('slate')
  // Which of the two is the second depends on whether their vectors are there yet; the mill's begins with its headings.
  await expect(panel.getByTestId('highlight').filter({ hasText: 'slate' }).first()).toBeVisible()

  await page.keyboard.press('Escape')
  await expect(panel).toHaveCount(0)
  await expect(results(page).nth(1)).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(input(page)).toBeFocused()
  await page.keyboard.press('Control+k')
  await expect(input(page)).toBeFocused()
})

test('filters stand in the address: a reload, Back and a link give the same results', async ({ page, watched }) => {
  // Chromium asks for it where Back reads a page again and its head comes in parts.
  watched.allow(/favicon\.ico/)
  await addDocuments(page)
  await page.goto('/search?q=slate')
  await expect(results(page)).toHaveCount(2)

  await page.getByRole('button', { name: /^Type/ }).click()
  await page.getByRole('menuitemcheckbox', { name: /^Text/ }).click()
  await page.keyboard.press('Escape')
  await expect(results(page)).toHaveCount(1)
  await expect(results(page)).toContainText('old barn')
  await page.getByRole('combobox', { name: 'Added' }).selectOption('Last 7 days')
  await expect(page).toHaveURL(/added=week/)
  await expect(results(page)).toHaveCount(1)

  await page.reload()
  await expect(input(page)).toHaveValue('slate')
  await expect(results(page)).toHaveCount(1)
  await expect(page.getByRole('combobox', { name: 'Added' })).toHaveValue('week')
  await page.goBack()
  await expect(page).not.toHaveURL(/added/)
  // Back reads the page from before the reload again; it follows the next step when it is there.
  await expect(page.getByRole('combobox', { name: 'Added' })).toHaveValue('')
  await expect(results(page)).toHaveCount(1)
  await page.goBack()
  await expect(results(page)).toHaveCount(2)
  await page.goForward()
  await expect(results(page)).toHaveCount(1)

  await test.step('what was added before yesterday is not there, and the page says which filters to take off', async () => {
    await page.goto('/search?q=slate&type=text/plain&added=..2020-01-01')
    await expect(page.getByText('Nothing found for “slate”')).toBeVisible()
    await page.getByRole('button', { name: /Remove filter Added/ }).click()
    await expect(results(page)).toHaveCount(1)
  })

  await test.step('a collection that is not there is said to be the reason', async () => {
    await page.goto('/search?q=slate&collection=0190a8c0-0000-7000-8000-000000000000')
    await page.getByRole('button', { name: 'Search without it' }).click()
    await expect(results(page)).toHaveCount(2)
  })
})

test('a late answer never replaces that of newer words, and nobody waits for the old one', async ({ page }) => {
  await addDocuments(page)
  await page.goto('/search')
  const held = Promise.withResolvers<void>()
  const reached = Promise.withResolvers<void>()
  const given = Promise.withResolvers<void>()
  page.on('requestfailed', (request) => {
    if (decodeURIComponent(request.url()).includes('"wheel"')) given.resolve()
  })
  await page.route(/search\.query/, async (route) => {
    if (decodeURIComponent(route.request().url()).includes('"wheel"')) {
      reached.resolve()
      await held.promise
    }
    // The page may have given the request up meanwhile.
    await route.continue().catch(() => undefined)
  })
  await input(page).fill('wheel')
  await reached.promise
  await input(page).fill('barn')
  await expect(results(page)).toHaveCount(1)
  await expect(results(page)).toContainText('old barn')
  await given.promise
  held.resolve()
  await expect(results(page)).toContainText('old barn')
  await expect(page.getByText('water wheel')).toHaveCount(0)
})

test('what was found can be asked about', async ({ page }) => {
  await addDocuments(page)
  await page.goto('/search?q=slate+roof')
  await expect(page.getByTestId('ask-about')).toHaveText('Ask about all 2 documents')
  await results(page).filter({ hasText: 'old barn' }).focus()
  await page.keyboard.press('Space')
  await expect(page.getByTestId('search-results').getByRole('option', { selected: true })).toContainText('old barn')
  await expect(page.getByTestId('search-summary')).toContainText('1 document selected')
  await page.getByTestId('ask-about').click()

  await expect(composer(page)).toHaveValue('slate roof')
  await expect(page.getByRole('button', { name: 'Search in: 1 document' })).toBeVisible()
  const sent = page.waitForRequest(/chat\.send/)
  await page.getByTestId('send').click()
  expect((await sent).postData()).toMatch(/"documentIds":\["[0-9a-f-]{36}"\]/)
  await expect(page.getByTestId('answer')).toContainText('old barn', { timeout: 30_000 })
  await expect(page.getByTestId('citation').first()).toHaveAccessibleName(/letter\.txt/)
})
