import type { Browser } from '@playwright/test'
import { twoColumnPaper } from '../fixtures/pdf/two-column-paper.ts'
import { imageOnlyPdf } from '../fixtures/pdf/image-only-pdf.ts'
import { documentRow, pdf, pickFiles, text } from './support/documents-page.ts'
import {
  cancelOpenJob,
  expectJobState,
  jobRow,
  openJob,
  pauseReading,
  resumeReading,
  signInAsOperator,
} from './support/jobs-page.ts'
import { newPerson, signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'
import { receivedBodies, watch } from './support/watched-context.ts'
import { invite, join } from './support/workspace-pages.ts'

/** Begins as a PDF and has nothing in it. */
const broken = (name: string) => pdf(name, Buffer.from('%PDF-1.7\nnothing of a document\n'))
const notes = (name: string) => text(name, Buffer.from(`The ${name} of the keeper say that the lamp burns oil.\n`))

const visit = async (browser: Browser, baseURL: string | undefined) => {
  if (baseURL === undefined) throw new Error('nothing to test')
  const context = await browser.newContext({ baseURL })
  const watched = watch(context, new URL(baseURL).origin)
  return { context, page: await context.newPage(), watched, received: receivedBodies(context) }
}

test('a job that fails is found, explained and tried again; another workspace and a member see nothing of it', async ({
  page: ada,
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000)
  const owner = await signUp(ada)
  await ada.goto('/documents')
  await pickFiles(ada, [broken('ledger.pdf')])
  await expect(documentRow(ada, 'ledger.pdf')).toContainText('Failed', { timeout: 60_000 })

  await test.step('in the list, by its state and by its name, which a reload and Back keep', async () => {
    await ada.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
    await expect(jobRow(ada, 'ledger.pdf')).toHaveAttribute('data-state', 'failed')
    await expect(jobRow(ada, 'ledger.pdf')).toContainText('damaged')
    await ada.getByRole('combobox', { name: 'State' }).selectOption('succeeded')
    await expect(ada.getByText('Nothing matches')).toBeVisible()
    await ada.reload()
    await expect(ada.getByText('Nothing matches')).toBeVisible()
    await ada.goBack()
    await expect(jobRow(ada, 'ledger.pdf')).toBeVisible()
    await ada.getByRole('searchbox', { name: 'Search by file name' }).fill('ledger')
    await expect(ada).toHaveURL(/q=ledger/)
    await expect(jobRow(ada, 'ledger.pdf')).toBeVisible()
  })

  await test.step('its page says why, what happened, and has it tried again', async () => {
    await jobRow(ada, 'ledger.pdf').getByRole('link', { name: 'ledger.pdf' }).click()
    await expect(ada.getByTestId('job-error')).toContainText('damaged')
    await expect(ada.getByTestId('attempt')).toHaveCount(1)
    await ada.getByRole('button', { name: 'Try again' }).click()
    await expect(ada.getByText('“ledger.pdf” is in line again.').first()).toBeVisible()
    await expectJobState(ada, 'failed', 60_000)
    await expect(ada.getByTestId('attempt')).toHaveCount(2)
  })

  await test.step('all of one reason are tried again at once', async () => {
    await ada.goto('/jobs')
    await ada.getByTestId('failure-row').first().getByRole('button').click()
    await ada.getByRole('alertdialog').getByRole('button', { name: 'Try all again' }).click()
    await expect(ada.getByText('1 job is in line again.').first()).toBeVisible()
    await openJob(ada, 'ledger.pdf')
    await expect(ada.getByTestId('attempt')).toHaveCount(3, { timeout: 60_000 })
  })
  const address = new URL(ada.url()).pathname

  await test.step('another workspace’s owner sees none of it', async () => {
    const stranger = await visit(browser, baseURL)
    stranger.watched.allow(/status of 40[34]/)
    await signUp(stranger.page)
    await stranger.page.goto('/jobs')
    await expect(stranger.page.getByText('No jobs yet')).toBeVisible()
    await stranger.page.goto(address)
    await expect(stranger.page.getByText('This job does not exist')).toBeVisible()
    await stranger.page.goto('/operations')
    await expect(stranger.page.getByText('Operations is for who looks after this installation')).toBeVisible()
    const leaked = (await stranger.received()).filter(({ text: body }) => body.includes('ledger'))
    expect(leaked.map(({ url }) => url)).toEqual([])
    stranger.watched.verify()
    await stranger.context.close()
  })

  await test.step('a member of the same workspace is told whom to ask', async () => {
    const colleague = { ...newPerson(), name: 'Grace Colleague' }
    const grace = await visit(browser, baseURL)
    grace.watched.allow(/status of 40[13]/)
    await join(grace.page, await invite(ada, colleague.email), colleague)
    await expect(grace.page.getByRole('navigation').getByRole('link', { name: 'Jobs' })).toHaveCount(0)
    await grace.page.goto(address)
    await expect(grace.page.getByText('Jobs are for owners and admins')).toBeVisible()
    await expect(grace.page.getByText(owner.workspace).first()).toBeVisible()
    grace.watched.verify()
    await grace.context.close()
  })
})

test('a paused kind waits and says so, a waiting and a running job are cancelled, and it goes on', async ({
  page: ada,
  browser,
  baseURL,
}) => {
  test.setTimeout(240_000)
  const owner = await signUp(ada)
  const operator = await visit(browser, baseURL)
  await signInAsOperator(operator.page)
  await pauseReading(operator.page)
  try {
    await ada.goto('/documents')
    await pickFiles(ada, [notes('first.txt'), notes('second.txt')])

    await test.step('why it waits stands in words in both lists', async () => {
      await expect(documentRow(ada, 'first.txt').getByTestId('document-place')).toContainText(/paused/)
      await openJob(ada, 'first.txt')
      await expect(ada.getByTestId('job-why')).toContainText(/paused/)
    })

    await test.step('a waiting job is cancelled, and shows it within a second', async () => {
      await cancelOpenJob(ada)
      await expectJobState(ada, 'cancelled', 2_000)
      await ada.goto('/documents')
      await expect(documentRow(ada, 'first.txt')).toContainText('Failed')
    })

    await test.step('who looks after the installation sees the job, and no name of a file', async () => {
      await operator.page.goto('/operations/jobs?state=unfinished')
      const row = operator.page.getByTestId('job-row').filter({ hasText: owner.workspace })
      await expect(row).toHaveCount(1)
      await row.getByRole('link').first().click()
      await expect(operator.page.getByTestId('job-why')).toContainText(/paused/)
      const named = (await operator.received()).filter(({ text: body }) => /first\.txt|second\.txt/.test(body))
      expect(named.map(({ url }) => url)).toEqual([])
    })
  } finally {
    await resumeReading(operator.page)
  }

  await test.step('it goes on by itself, and what was cancelled can be tried again', async () => {
    await expect(documentRow(ada, 'second.txt')).toContainText('Searchable', { timeout: 60_000 })
    await openJob(ada, 'first.txt')
    await ada.getByRole('button', { name: 'Try again' }).click()
    await expectJobState(ada, 'succeeded', 60_000)
    await ada.goto('/documents')
    await expect(documentRow(ada, 'first.txt')).toContainText('Searchable')
  })

  await test.step('a running job is stopped within seconds', async () => {
    // About a second a page: it must not be over before it is told to stop.
    await pickFiles(ada, [pdf('scan.pdf', await imageOnlyPdf(20))])
    await expect(documentRow(ada, 'scan.pdf')).toBeVisible()
    await openJob(ada, 'scan.pdf')
    await expectJobState(ada, 'running', 60_000)
    await cancelOpenJob(ada)
    await expectJobState(ada, 'cancelled', 10_000)
    await expect(ada.getByTestId('attempt').last()).toHaveAttribute('data-state', 'cancelled')
  })

  await test.step('the log says who did it', async () => {
    await ada.goto('/audit')
    await expect(ada.locator('[data-action="job.cancel"]')).toHaveCount(2)
    await expect(ada.locator('[data-action="job.retry"]').first()).toBeVisible()
  })

  await test.step('a task of the clock runs when it is asked to', async () => {
    await operator.page.goto('/operations')
    await expect(operator.page.getByTestId('worker-row').first()).toBeVisible()
    const task = operator.page.locator('[data-testid="cron-row"][data-name="reconcile"]')
    await task.getByRole('button', { name: 'Run now: reconcile' }).click()
    await expect(task.getByTestId('cron-state')).toHaveAttribute('data-state', 'succeeded', { timeout: 60_000 })
    await expect(task).toContainText('asked for by')
  })
  operator.watched.verify()
  await operator.context.close()
})

test('when all files of an upload are read, one tab says so once, wherever one is', async ({ page: ada, context }) => {
  test.setTimeout(120_000)
  await signUp(ada)
  await ada.goto('/documents')
  const paper = pdf('paper.pdf', (await twoColumnPaper()).bytes)
  // Pages without a word fail, and take long enough for somebody to have gone elsewhere.
  const scan = pdf('scan.pdf', await imageOnlyPdf(8))
  await pickFiles(ada, [notes('one.txt'), paper, scan])
  await expect(ada.getByText('3 files uploaded')).toBeVisible({ timeout: 60_000 })
  // Elsewhere, by a full load: what was sent is remembered.
  await ada.goto('/keys')
  await expect(ada.getByText('2 searchable, 1 failed')).toBeVisible({ timeout: 60_000 })
  await ada.getByRole('button', { name: 'Show failed' }).click()
  await expect(ada).toHaveURL(/\/documents\?state=failed/)
  await expect(documentRow(ada, 'scan.pdf')).toBeVisible()
  const other = await context.newPage()
  await other.goto('/keys')
  await expect(other.getByText('No keys yet')).toBeVisible()
  await expect(other.getByText('2 searchable, 1 failed')).toHaveCount(0)
})
