import type { Page } from '@playwright/test'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, answers, citations, composer, send } from './support/chat-page.ts'
import { addSearchable, markdown } from './support/documents-page.ts'
import { signUp } from './support/people.ts'
import { longAnswerWord, LONG_ANSWER_WORDS, longQuestion } from './support/scripted-model.ts'
import { expect, scriptedTest as test } from './support/test.ts'

const [handbook] = tenantDocuments('reload')
if (handbook === undefined) throw new Error('no documents')

const allWords = Array.from({ length: LONG_ANSWER_WORDS }, (_, i) => longAnswerWord(i))

/** The words of the long answer that the page shows, in the order in which it shows them. */
const shownWords = async (page: Page) => (await answers(page).last().innerText()).match(/w\d{3}/g) ?? []

/** Where each chip leads: a version, a page and a span, in the order of the chips. */
const citationTargets = (page: Page) =>
  citations(page).evaluateAll((chips) =>
    chips.map((chip) => `${chip.getAttribute('data-marker')} ${chip.getAttribute('href')}`),
  )

/** The answer is under way: some of its words are there, and it can be stopped. */
const underWay = async (page: Page) => {
  await expect(answers(page).last()).toContainText(longAnswerWord(20))
  await expect(page.getByTestId('stop')).toBeVisible()
}

test.beforeEach(async ({ page }) => {
  await signUp(page)
  await addSearchable(page, [markdown('handbook.md', handbook.bytes)])
  await page.goto('/')
})

test('a reload in the middle of an answer shows what was there and goes on to the end', async ({ page }) => {
  await send(page, longQuestion(handbook.canary))
  await underWay(page)
  const before = await shownWords(page)
  const early = await citationTargets(page)
  expect(early).toHaveLength(1)

  await page.reload()
  await expect(answers(page)).toContainText(before.at(-1) ?? '')
  await expect(page.getByTestId('stop'), 'the answer goes on').toBeVisible()
  expect((await shownWords(page)).slice(0, before.length)).toEqual(before)

  await answered(page)
  expect(await shownWords(page)).toEqual(allWords)
  const complete = await citationTargets(page)
  expect(complete.slice(0, 1)).toEqual(early)

  // The stored message says the same as the stream did.
  await page.reload()
  await answered(page)
  expect(await shownWords(page)).toEqual(allWords)
  expect(await citationTargets(page)).toEqual(complete)
})

test('a second tab shows the same answer as it is written', async ({ page, context }) => {
  await send(page, longQuestion(handbook.canary))
  await underWay(page)
  const tab = await context.newPage()
  await tab.goto(page.url())
  await underWay(tab)
  await Promise.all([answered(page), answered(tab)])
  expect(await shownWords(page)).toEqual(allWords)
  expect(await shownWords(tab)).toEqual(allWords)
  expect(await citationTargets(tab)).toEqual(await citationTargets(page))
})

test('stopping keeps what was written, and tells the model', async ({ page, scripted }) => {
  const abortedBefore = scripted.model.aborted()
  await send(page, longQuestion(handbook.canary))
  await underWay(page)
  await page.getByTestId('stop').click()
  await expect(page.getByText('Stopped. What was written so far is kept.')).toBeVisible()
  const kept = await shownWords(page)
  expect(kept.length).toBeGreaterThan(20)
  expect(kept.length).toBeLessThan(LONG_ANSWER_WORDS)
  expect(kept).toEqual(allWords.slice(0, kept.length))
  await expect.poll(() => scripted.model.aborted()).toBe(abortedBefore + 1)

  await page.reload()
  await expect(page.getByText('Stopped. What was written so far is kept.')).toBeVisible()
  expect(await shownWords(page)).toEqual(kept)
})

test('a double click on send asks once', async ({ page, scripted }) => {
  const requestsBefore = scripted.model.requests.length
  await composer(page).fill('Who must oil it?')
  await page.getByTestId('send').dblclick()
  await answered(page)
  await expect(answers(page)).toHaveCount(1)
  // One search, one answer.
  expect(scripted.model.requests.length - requestsBefore).toBe(2)
  await page.reload()
  await answered(page)
  await expect(page.getByText('Who must oil it?', { exact: true }).locator('visible=true')).not.toHaveCount(0)
  await expect(answers(page)).toHaveCount(1)
})

test('an answer that was stopped is written on in its place, once, and all of it', async ({ page, scripted }) => {
  await send(page, longQuestion(handbook.canary))
  await underWay(page)
  await page.getByTestId('stop').click()
  await expect(page.getByText('Stopped. What was written so far is kept.')).toBeVisible()
  const requestsBefore = scripted.model.requests.length

  await page.getByTestId('continue').dblclick()
  await expect(page.getByTestId('stop')).toBeVisible()
  await answered(page)
  await expect(answers(page)).toHaveCount(1)
  expect(await shownWords(page)).toEqual(allWords)
  await expect(page.getByRole('status').filter({ hasText: 'The answer is complete.' })).toHaveCount(1)
  // What it had found is there still: only the last call of the model is made again, and once.
  expect(scripted.model.requests.length - requestsBefore).toBe(1)

  await page.reload()
  await answered(page)
  await expect(answers(page)).toHaveCount(1)
  expect(await shownWords(page)).toEqual(allWords)
})
