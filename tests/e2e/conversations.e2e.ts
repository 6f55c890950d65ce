import { readFile } from 'node:fs/promises'
import { FEEDBACK_REASONS } from '@quarry/contracts'
import type { Locator, Page } from '@playwright/test'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, answers, ask, citations, composer, send } from './support/chat-page.ts'
import { addSearchable, markdown } from './support/documents-page.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'
import { watch } from './support/watched-context.ts'

const [handbook] = tenantDocuments('conversations')
if (handbook === undefined) throw new Error('no documents')
const OPENING = 'When does the workshop open?'
const VISITORS = 'Who signs the blue book?'

const sidebar = (page: Page): Locator => page.getByRole('navigation')
const rows = (page: Page): Locator => sidebar(page).locator('[data-conversation]').getByRole('link')
const row = (page: Page, title: string): Locator => sidebar(page).getByRole('link', { name: title })
const search = (page: Page): Locator => page.getByRole('searchbox', { name: 'Search conversations' })
const choose = async (page: Page, title: string, item: string) => {
  await page.getByRole('button', { name: `Options of “${title}”` }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

test.beforeEach(async ({ page }) => {
  // Two tabs, four questions: twice what is usual.
  test.setTimeout(120_000)
  await signUp(page)
  await addSearchable(page, [markdown('handbook.md', handbook.bytes)])
})

test('a conversation is renamed in its place, and found by its words', async ({ page }) => {
  await ask(page, OPENING)
  await ask(page, VISITORS)
  await expect(rows(page)).toHaveText([VISITORS, OPENING])

  await test.step('by a double click; Escape leaves the name, Enter keeps it', async () => {
    await row(page, OPENING).dblclick()
    const field = page.getByRole('textbox', { name: 'Title of the conversation' })
    await expect(field).toBeFocused()
    await field.fill('never mind')
    await field.press('Escape')
    await expect(row(page, OPENING)).toBeFocused()
    await page.keyboard.press('F2')
    await expect(field).toHaveValue(OPENING)
    await field.fill('Hours')
    await field.press('Enter')
    await expect(row(page, 'Hours')).toBeFocused()
    await expect(page).toHaveTitle(/^Hours/)
  })

  await test.step('by the menu; a click elsewhere keeps it', async () => {
    await choose(page, VISITORS, 'Rename')
    await expect(page.getByRole('textbox', { name: 'Title of the conversation' })).toBeFocused()
    await page.keyboard.type('Guests')
    await page.getByTestId('composer').click()
    await expect(rows(page)).toHaveText(['Guests', 'Hours'])
    await page.reload()
    await expect(rows(page)).toHaveText(['Guests', 'Hours'])
  })

  await test.step('a search finds titles and what was said, and shows it', async () => {
    await search(page).fill('HOURS')
    await expect(rows(page)).toHaveText([/^Hours/])
    await search(page).fill('blue book')
    await expect(rows(page)).toHaveCount(1)
    await expect(row(page, 'Guests').locator('mark').filter({ hasText: 'blue' })).toHaveCount(1)
    await search(page).fill('100%')
    await expect(sidebar(page)).toContainText('No conversation has “100%”')
    await page.getByRole('button', { name: 'Show all conversations' }).click()
    await expect(rows(page)).toHaveCount(2)
    await expect(search(page)).toHaveValue('')
  })
})

test('a deleted conversation goes everywhere at once, and comes back when that is undone', async ({
  page,
  context,
  baseURL,
  watched,
}) => {
  await ask(page, VISITORS)
  await ask(page, OPENING)
  const address = page.url()
  const other = await context.newPage()
  // The other tab reads again what is gone, and is told so.
  watched.allow(/status of 404/)
  await other.goto(address)
  await expect(answers(other)).toBeVisible()

  await choose(page, OPENING, 'Delete')
  await expect(page).toHaveURL(new RegExp(`^${baseURL}/?$`))
  await expect(rows(page)).toHaveText([VISITORS])
  await expect(composer(page)).toBeFocused()
  await expect(rows(other)).toHaveText([VISITORS])
  await expect(other.getByText('This conversation does not exist')).toBeVisible()

  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(page).toHaveURL(address)
  await expect(rows(page)).toHaveText([OPENING, VISITORS])
  await expect(answers(page)).toContainText('seven')
  await expect(rows(other)).toHaveText([OPENING, VISITORS])
  await expect(answers(other)).toContainText('seven')

  // One that is not open: what stands there stays, and the next row gets the focus.
  await row(page, VISITORS).click()
  await expect(answers(page)).toContainText('blue book')
  await choose(page, OPENING, 'Delete')
  await expect(rows(page)).toHaveText([VISITORS])
  await expect(row(page, VISITORS)).toBeFocused()
  await expect(answers(page)).toContainText('blue book')
  await page.goto(address)
  await expect(page.getByText('This conversation does not exist')).toBeVisible()
  await expect(rows(page)).toHaveText([VISITORS])
})

test('a deletion that fails leaves everything as it was', async ({ page, watched }) => {
  watched.allow(/ERR_FAILED/)
  await ask(page, OPENING)
  const address = page.url()
  await page.route('**/api/trpc/conversations.delete**', (route) => route.abort())
  await choose(page, OPENING, 'Delete')
  await expect(page.getByRole('region', { name: 'Notices' }).getByText('The server cannot be reached.')).toBeVisible()
  await expect(rows(page)).toHaveText([OPENING])
  await expect(page).toHaveURL(address)
  await expect(answers(page)).toContainText('seven')
})

test('what is thought of an answer, and how it was found, is there after a reload', async ({ page }) => {
  await ask(page, OPENING)
  const up = page.getByRole('button', { name: 'This answer helped' })
  const down = page.getByRole('button', { name: 'This answer did not help' })
  await up.click()
  await expect(up).toHaveAttribute('aria-pressed', 'true')

  await down.click()
  const dialog = page.getByRole('dialog', { name: 'What is wrong with this answer?' })
  await dialog.getByRole('radio', { name: FEEDBACK_REASONS.other }).click()
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(dialog.getByRole('alert')).toHaveText('Please write what is wrong, or choose another reason.')
  await dialog.getByRole('radio', { name: FEEDBACK_REASONS.incomplete }).click()
  await dialog.getByRole('textbox').fill('What about Sundays?')
  await dialog.getByRole('button', { name: 'Send' }).click()
  await expect(dialog).toHaveCount(0)
  await expect(up).toHaveAttribute('aria-pressed', 'false')

  await page.reload()
  await expect(down).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('button', { name: FEEDBACK_REASONS.incomplete }).click()
  await expect(dialog.getByRole('radio', { name: FEEDBACK_REASONS.incomplete })).toBeChecked()
  await expect(dialog.getByRole('textbox')).toHaveValue('What about Sundays?')
  await page.keyboard.press('Escape')

  await page.getByText(/^\d+ steps?$/).click()
  await expect(page.getByText(/^Searching for “/).first()).toBeVisible()

  await down.click()
  await expect(down).toHaveAttribute('aria-pressed', 'false')
  await page.reload()
  await answered(page)
  await expect(down).toHaveAttribute('aria-pressed', 'false')
})

test('an answer is copied and a conversation is saved with their sources', async ({ page, context, baseURL }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await ask(page, VISITORS)
  await send(page, OPENING)
  await answered(page, 2)
  const href = await citations(page).first().getAttribute('href')
  await expect(citations(page).first()).toHaveAccessibleName(/handbook\.md, “Opening hours”/)

  await page.getByRole('button', { name: 'Copy with references' }).last().click()
  await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toBeAttached()
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read()
    const read = async (type: string) => (await item?.getType(type))?.text()
    return { text: await read('text/plain'), html: await read('text/html') }
  })
  expect(copied.text).toMatch(/opens at seven.*\[1\]/)
  expect(copied.text).toContain(`\nSources\n[1] `)
  expect(copied.text).toContain(`“Opening hours”`)
  expect(copied.text).toContain(`${baseURL}${href}`)
  expect(copied.html).toContain('[1]</a>')
  expect(copied.html).toContain('>Sources<')

  const download = page.waitForEvent('download')
  await choose(page, VISITORS, 'Export as Markdown')
  const file = await download
  expect(file.suggestedFilename()).toBe('Who signs the blue book.md')
  const saved = await readFile(await file.path(), 'utf8')
  expect(saved).toMatch(/^# Who signs the blue book\?\n\nExported from Quarry on /)
  expect(saved.match(/^## Question$/gm)).toHaveLength(2)
  expect(saved).toContain(`> ${OPENING}`)
  expect(saved).toContain('opens at seven')
  expect(saved).toMatch(/\n1\. \[[^\]]+\]\(.+\), “Opening hours”.* \(verified\)\n {3}> /)
  // The link leads to the place.
  await page.goto(/\]\((http[^)]+)\), “Opening hours”/.exec(saved)?.[1] ?? '')
  await expect(page.getByTestId('highlight').first()).toBeVisible()
})

test('of a long conversation the newest messages come first, and those before them when they are near', async ({
  browser,
  baseURL,
  page,
}) => {
  if (baseURL === undefined) throw new Error('nothing to test')
  await ask(page, OPENING)
  for (const [i, question] of [VISITORS, 'How is oak stored?', 'How is brass stored?'].entries()) {
    await send(page, question)
    await answered(page, i + 2)
  }
  // A page of two messages stands for one of a hundred.
  const asked: string[] = []
  const context = await browser.newContext({ baseURL, storageState: await page.context().storageState() })
  const watched = watch(context, new URL(baseURL).origin)
  const reader = await context.newPage()
  await reader.route('**/api/trpc/*conversations.get*', (route) => {
    const url = new URL(route.request().url())
    const procedures = url.pathname.split('/').at(-1)?.split(',') ?? []
    const inputs = JSON.parse(url.searchParams.get('input') ?? '{}') as Record<string, object>
    for (const [at, name] of procedures.entries())
      if (name === 'conversations.get') {
        inputs[at] = { ...inputs[at], limit: 2 }
        asked.push(JSON.stringify(inputs[at]))
      }
    url.searchParams.set('input', JSON.stringify(inputs))
    return route.continue({ url: url.href })
  })
  await reader.goto(page.url())
  await expect(answers(reader).last()).toContainText('Brass')
  await expect(answers(reader).last()).toBeInViewport()
  const conversation = reader.getByRole('region', { name: 'Conversation' })
  await conversation.hover()
  await expect(async () => {
    await reader.mouse.wheel(0, -200)
    await expect(answers(reader)).toHaveCount(4, { timeout: 500 })
  }).toPass()
  await expect(reader.getByRole('button', { name: 'Show earlier messages' })).toHaveCount(0)
  await expect(conversation.locator('p').filter({ hasText: OPENING }).first()).toBeVisible()
  expect(asked.length).toBeGreaterThanOrEqual(4)
  watched.verify()
  await context.close()
})
