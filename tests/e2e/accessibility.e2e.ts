import { imageOnlyPdf } from '../fixtures/pdf/image-only-pdf.ts'
import { twoColumnPaper } from '../fixtures/pdf/two-column-paper.ts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, ask, citations, composer } from './support/chat-page.ts'
import { addSearchable, documentRow, markdown, pdf, pickFiles, word } from './support/documents-page.ts'
import { jobRow, openJob, signInAsOperator } from './support/jobs-page.ts'
import { focusIsVisible, tabTo } from './support/keyboard.ts'
import { inEveryLook } from './support/looks.ts'
import { newPerson, signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'
import { addRestrictedCollection, invite, openAccess } from './support/workspace-pages.ts'

const [handbook] = tenantDocuments('access')
if (handbook === undefined) throw new Error('no documents')
const QUESTION = 'Why did the replacement lens of Bohemian glass remain in its crate?'

test('every page, light and dark, wide and at 390 px, has no violation', async ({ page, watched }) => {
  test.setTimeout(400_000)
  watched.allow(/status of 404/)
  await page.goto('/sign-up')
  await inEveryLook(page, 'sign up')
  await page.goto('/sign-in')
  await inEveryLook(page, 'sign in')

  await signUp(page)
  await inEveryLook(page, 'first chat')
  await page.goto('/documents')
  await inEveryLook(page, 'no documents')
  await addSearchable(page, [
    pdf('registers.pdf', (await twoColumnPaper()).bytes),
    markdown('handbook.md', handbook.bytes),
  ])
  await pickFiles(page, [pdf('scan.pdf', await imageOnlyPdf()), word('letter.doc')])
  // Its picture is looked through for text first.
  await expect(documentRow(page, 'scan.pdf')).toContainText('Failed', { timeout: 90_000 })
  await inEveryLook(page, 'documents')

  await ask(page, QUESTION)
  await inEveryLook(page, 'an answer')
  await citations(page).first().click()
  await expect(page.getByTestId('highlight').first()).toBeVisible()
  await inEveryLook(page, 'a source beside the chat')
  const source = await citations(page).first().getAttribute('href')
  await page.goto(source ?? '')
  await expect(page.getByTestId('highlight').first()).toBeVisible()
  await inEveryLook(page, 'a source as a page')

  await page.goto('/search')
  await inEveryLook(page, 'a search not yet typed')
  await page.goto('/search?q=lens')
  await expect(page.getByTestId('search-result').first()).toBeVisible()
  await inEveryLook(page, 'passages found')
  await page.getByTestId('search-result').first().click()
  await expect(page.getByTestId('source-panel').getByTestId('highlight').first()).toBeVisible()
  await inEveryLook(page, 'a source beside the passages')
  await page.goto('/search?q=lens&type=text/csv&added=2020-01-01..2020-12-31')
  await expect(page.getByText('Nothing found for “lens”')).toBeVisible()
  await inEveryLook(page, 'nothing found')

  await page.goto('/keys')
  await expect(page.getByText('No keys yet')).toBeVisible()
  await inEveryLook(page, 'no keys')
  await page.getByRole('button', { name: 'Create key' }).first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await inEveryLook(page, 'the form of a key')
  await page.goto('/nowhere')
  await inEveryLook(page, 'not found')
})

test('so have the pages for people, collections and the log, their dialogs, and what a link leads to', async ({
  page,
  watched,
}) => {
  test.setTimeout(240_000)
  // Who opens a link is not signed in yet.
  watched.allow(/status of 401/)
  await signUp(page)
  await addRestrictedCollection(page, 'Plans')
  await inEveryLook(page, 'collections')
  const access = await openAccess(page, 'Plans')
  await expect(access.getByTestId('access-entry').first()).toBeVisible()
  await inEveryLook(page, 'who can see a collection')

  const link = await invite(page, newPerson().email)
  await expect(page.getByTestId('invitation-row')).toBeVisible()
  await inEveryLook(page, 'people')
  await page.getByRole('button', { name: 'Invite' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await inEveryLook(page, 'the form of an invitation')

  await page.goto('/audit')
  await expect(page.getByTestId('audit-row').first()).toBeVisible()
  await inEveryLook(page, 'the log')

  await page.goto(link)
  await expect(page.getByRole('button', { name: 'Sign out and go on' })).toBeVisible()
  await inEveryLook(page, 'an invitation of somebody else')
  await page.getByRole('button', { name: 'Sign out and go on' }).click()
  await expect(page.getByLabel('Your name')).toBeVisible()
  await inEveryLook(page, 'an invitation')
})

test('so have the pages for jobs and for the whole installation', async ({ page, browser, baseURL }) => {
  test.setTimeout(300_000)
  await signUp(page)
  await page.goto('/jobs')
  await expect(page.getByText('No jobs yet')).toBeVisible()
  await inEveryLook(page, 'no jobs')
  await page.goto('/documents')
  await pickFiles(page, [
    markdown('handbook.md', handbook.bytes),
    pdf('torn.pdf', Buffer.from('%PDF-1.7\nnothing of a document\n')),
  ])
  await expect(documentRow(page, 'torn.pdf')).toContainText('Failed', { timeout: 60_000 })
  await page.goto('/jobs')
  await expect(jobRow(page, 'torn.pdf')).toBeVisible()
  await inEveryLook(page, 'jobs')
  await openJob(page, 'torn.pdf')
  await inEveryLook(page, 'a job')
  await page.goto('/operations')
  await expect(page.getByText('Operations is for who looks after this installation')).toBeVisible()
  await inEveryLook(page, 'operations, forbidden')

  const context = await browser.newContext({ ...(baseURL !== undefined && { baseURL }) })
  const operator = await context.newPage()
  await signInAsOperator(operator)
  await operator.goto('/operations')
  await expect(operator.getByTestId('cron-row').first()).toBeVisible()
  await inEveryLook(operator, 'operations')
  await operator.goto('/operations/jobs')
  await expect(operator.getByTestId('job-row').first()).toBeVisible()
  await inEveryLook(operator, 'jobs of all workspaces')
  await context.close()
})

test('signing in, asking, opening a source and closing it need no mouse', async ({ page }) => {
  const person = await signUp(page, newPerson())
  await addSearchable(page, [pdf('registers.pdf', (await twoColumnPaper()).bytes)])
  // Away first: a page that is still reading its lists would be refused, rightly.
  await page.goto('about:blank')
  await page.context().clearCookies()

  await page.goto('/sign-in')
  await tabTo(page, page.getByLabel('E-mail'))
  await page.keyboard.type(person.email)
  await tabTo(page, page.getByLabel('Password', { exact: true }))
  await page.keyboard.type(person.password)
  await page.keyboard.press('Enter')

  await expect(composer(page)).toBeFocused()
  await page.keyboard.type(QUESTION)
  await page.keyboard.press('Enter')
  await answered(page)

  await tabTo(page, citations(page), 'Shift+Tab')
  expect(await focusIsVisible(page)).toBe(true)
  await page.keyboard.press('Enter')
  const viewer = page.getByTestId('source-panel')
  await expect(viewer.getByTestId('highlight').first()).toBeVisible()

  await tabTo(page, page.getByRole('button', { name: 'Close source' }))
  expect(await focusIsVisible(page)).toBe(true)
  await page.keyboard.press('Enter')
  await expect(viewer).toHaveCount(0)
  expect(await page.evaluate(() => document.activeElement !== document.body), 'the focus is somewhere').toBe(true)
})
