import type { BrowserContext, Page, Request } from '@playwright/test'
import { quarry } from '../fixtures/product/index.ts'
import { answered, answers, composer, send } from './support/chat-page.ts'
import { signUp } from './support/people.ts'
import {
  LONG_ANSWER_WORDS,
  longAnswerWord,
  longQuestion,
  VERY_LONG_ANSWER_WORDS,
  veryLongQuestion,
} from './support/scripted-model.ts'
import { expect, scriptedTest as test } from './support/test.ts'

const words = (count: number) => Array.from({ length: count }, (_, i) => longAnswerWord(i))
const shownWords = async (page: Page) => (await answers(page).last().innerText()).match(/w\d{3,4}/g) ?? []

/** The streams of answers that the pages have open. */
const watchStreams = (context: BrowserContext) => {
  const open = new Set<Request>()
  context.on('request', (request) => {
    if (request.url().includes('/api/trpc/chat.stream')) open.add(request)
  })
  const forget = (request: Request) => void open.delete(request)
  context.on('requestfinished', forget)
  context.on('requestfailed', forget)
  return { open: () => open.size }
}

/** What a browser does to a tab behind another one; Playwright keeps all of them in front. */
const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((is) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (is ? 'hidden' : 'visible') })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)

test('six tabs write an answer each, and the app answers a seventh question', async ({ page, context, scripted }) => {
  test.setTimeout(240_000)
  const { workspace } = await signUp(page)
  // Seven at once are more than somebody may have; what is tested here are the six connections of a browser.
  await quarry(scripted.product, ['limits', 'set', '--answers-per-person', '10', '--org', workspace])
  const streams = watchStreams(context)
  const tabs = [page]
  for (let n = 1; n < 6; n++) {
    const tab = await context.newPage()
    await tab.goto('/')
    await expect(composer(tab)).toBeVisible()
    tabs.push(tab)
  }
  for (const [n, tab] of tabs.entries()) await send(tab, veryLongQuestion(`bridge ${n}`))
  for (const tab of tabs) await expect(answers(tab).last()).toContainText(longAnswerWord(0), { timeout: 30_000 })
  expect(streams.open()).toBeLessThanOrEqual(4)

  const seventh = await context.newPage()
  await seventh.goto('/')
  await send(seventh, 'Who pays for the bridge?')
  await answered(seventh)
  for (const tab of tabs) {
    await expect(tab.getByText('The connection was lost')).toHaveCount(0)
    await expect(tab.getByTestId('answer-model')).toHaveCount(1, { timeout: 90_000 })
    expect(await shownWords(tab)).toEqual(words(VERY_LONG_ANSWER_WORDS))
  }
})

test('a tab that nobody sees leaves its stream, and has the whole answer when it is seen', async ({
  page,
  context,
}) => {
  await signUp(page)
  const streams = watchStreams(context)
  await send(page, veryLongQuestion('the bridge'))
  await expect(answers(page).last()).toContainText(longAnswerWord(20))
  await setHidden(page, true)
  await expect.poll(() => streams.open()).toBe(0)
  const early = await shownWords(page)
  expect(early.length).toBeLessThan(VERY_LONG_ANSWER_WORDS)
  await setHidden(page, false)
  await expect.poll(async () => (await shownWords(page)).length).toBeGreaterThan(early.length)
  await setHidden(page, true)
  // The feed tells of the end, without a stream of the answer.
  await answered(page)
  expect(await shownWords(page)).toEqual(words(VERY_LONG_ANSWER_WORDS))
  await setHidden(page, false)
  expect(await shownWords(page)).toEqual(words(VERY_LONG_ANSWER_WORDS))
})

test('a network that is gone for a moment loses nothing of an answer, and is not spoken of', async ({
  page,
  context,
  watched,
}) => {
  watched.allow(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED|ERR_INCOMPLETE_CHUNKED/)
  await signUp(page)
  await send(page, longQuestion('the bridge'))
  await expect(answers(page).last()).toContainText(longAnswerWord(20))
  await context.setOffline(true)
  // Shorter than what a reader notices.
  await page.waitForTimeout(1_000)
  await context.setOffline(false)
  await answered(page)
  await expect(page.getByText('The connection was lost')).toHaveCount(0)
  expect(await shownWords(page)).toEqual(words(LONG_ANSWER_WORDS))
})

test('the tab that reads the feed for all may close, and signing out in one tab is signing out in all', async ({
  page,
  context,
  watched,
}) => {
  // What the tabs are told of who signed out.
  watched.allow(/401/)
  await signUp(page)
  const other = await context.newPage()
  await other.goto('/documents')
  await expect(other.getByRole('button', { name: 'Upload files' }).first()).toBeVisible()
  const third = await context.newPage()
  await third.goto('/')
  await expect(composer(third)).toBeVisible()
  // It was there first, so it has the feed.
  await page.close()
  await send(third, 'Who pays for the bridge?')
  await answered(third)
  await expect(other.getByRole('link', { name: 'Who pays for the bridge?' })).toBeVisible()

  await third.getByRole('button', { name: /Account/ }).click()
  await third.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(third).toHaveURL(/sign-in/)
  await expect(other).toHaveURL(/sign-in/)
})
