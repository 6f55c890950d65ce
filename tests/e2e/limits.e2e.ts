import type { Page } from '@playwright/test'
import { quarry } from '../fixtures/product/index.ts'
import { answered, composer, send } from './support/chat-page.ts'
import { documentRow, markdown, pickFiles } from './support/documents-page.ts'
import { pauseNotice, secondsLeft, useUp, watchLimits } from './support/limits-page.ts'
import { signUp } from './support/people.ts'
import { expect, scriptedTest, test } from './support/test.ts'

/** People look for a moment at what they have opened; where nothing else depends on it, a moment is enough here, too. */
const MOMENT_MS = 400
/** A letter of somebody who types fast; the pause behind each word is what a search waits for. */
const LETTER_MS = 90
const WORD_MS = 300

const note = (topic: string, n: number) =>
  markdown(
    `${topic}-${n}.md`,
    Buffer.from(`# ${topic} ${n}\n\nThe ${topic} number ${n} is inspected every ${n + 1} weeks.\n`),
  )

const moment = (page: Page) => page.waitForTimeout(MOMENT_MS)

const typeWords = async (page: Page, words: readonly string[]) => {
  for (const word of words) {
    await page.keyboard.type(`${word} `, { delay: LETTER_MS })
    await page.waitForTimeout(WORD_MS)
  }
}

test('a minute of normal use stays inside the limits that are there by default', async ({
  page,
  context,
}, testInfo) => {
  test.setTimeout(180_000)
  await signUp(page)
  const limits = watchLimits(context)
  const startedAt = performance.now()

  await test.step('open, and upload ten files', async () => {
    await page.reload()
    await moment(page)
    await page.getByRole('link', { name: 'Documents', exact: true }).click()
    await pickFiles(
      page,
      Array.from({ length: 10 }, (_, n) => note('bridge', n)),
    )
    for (let n = 0; n < 10; n++)
      await expect(documentRow(page, `bridge-${n}.md`)).toContainText('Searchable', { timeout: 60_000 })
    // It lies over the links to other pages.
    await page.getByRole('button', { name: 'Clear finished uploads' }).click()
  })
  await test.step('look through the list', async () => {
    await page.getByLabel('Search by name').pressSequentially('bridge-7', { delay: LETTER_MS })
    await expect(documentRow(page, 'bridge-3.md')).toHaveCount(0)
    await documentRow(page, 'bridge-7.md').getByRole('link').first().click()
    await expect(page.getByText('The bridge number 7').first()).toBeVisible()
    await moment(page)
  })
  await test.step('search while typing, open what is found, change the words', async () => {
    await page.keyboard.press('Control+k')
    await expect(page.getByTestId('search-input')).toBeFocused()
    await typeWords(page, ['bridge', 'inspected', 'every', 'three', 'weeks'])
    await expect(page.getByTestId('search-result').first()).toBeVisible()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(page.getByTestId('source-panel')).toBeVisible()
    await moment(page)
    await page.keyboard.press('Escape')
    await page.getByTestId('search-input').fill('')
    await typeWords(page, ['number', '4', 'of', 'the', 'bridges'])
    await moment(page)
  })
  await test.step('ask twice, and look at a source', async () => {
    await page.getByRole('link', { name: 'New chat' }).click()
    await send(page, 'How often is the bridge number 3 inspected?')
    await answered(page)
    await page.getByTestId('answer').last().getByTestId('citation').first().click()
    await moment(page)
    await page.keyboard.press('Escape')
    await send(page, 'And the bridge number 5?')
    await answered(page, 2)
  })
  await test.step('visit the other pages', async () => {
    for (const name of ['Collections', 'People', 'API keys', 'Audit log', 'Documents']) {
      await page.getByRole('link', { name, exact: true }).click()
      await expect(page.getByRole('heading', { name, exact: true }).first()).toBeVisible()
      await moment(page)
    }
  })

  const seconds = (performance.now() - startedAt) / 1000
  expect(limits.refused()).toEqual([])
  const [user, organisation] = [limits.least('user'), limits.least('organisation')]
  if (user === null || organisation === null) throw new Error('no answer named the limits')
  const calls = [...limits.calls()].toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`)
  testInfo.annotations.push({
    type: 'cost',
    description: `${seconds.toFixed(0)} s of use: at the least ${user.remaining} of ${user.quota} a minute and ${organisation.remaining} of ${organisation.quota} an hour were left. Calls: ${calls.join(', ')}`,
  })
  // A limit that is just not reached is one that a slower machine, or a second tab, reaches.
  expect(user.remaining).toBeGreaterThan(user.quota / 4)
})

/** Slow enough to be seen, and over soon: a question waits for five seconds. */
const TINY_PER_MINUTE = '12'

scriptedTest(
  'a limit that is reached is told, counted down, and over by itself',
  async ({ page, scripted, watched }) => {
    scriptedTest.setTimeout(180_000)
    // What the browser itself says of an answer with 429.
    watched.allow(/429/)
    const { product } = scripted
    const { workspace } = await signUp(page)
    const limit = async (...args: string[]) => {
      const { code, stderr } = await quarry(product, ['limits', ...args, '--org', workspace])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    }

    await scriptedTest.step('a question waits, and is answered', async () => {
      await limit('set', '--per-minute', TINY_PER_MINUTE)
      await useUp(page)
      await send(page, 'Who pays for the bridge?')
      await expect(pauseNotice(page)).toContainText(`You have reached your limit of ${TINY_PER_MINUTE} a minute.`)
      await expect(page.getByText('Who pays for the bridge?')).toBeVisible()
      const first = await secondsLeft(page)
      expect(first).toBeGreaterThan(0)
      await expect.poll(() => secondsLeft(page), { message: 'it counts down' }).toBeLessThan(first)
      // What is told to a screen reader has no number that changes.
      await expect(pauseNotice(page).locator('[aria-hidden=true]').last()).toContainText(/in \d+ second/)
      await expect(pauseNotice(page).locator('.sr-only')).toHaveText('It goes on by itself.')
      await answered(page)
    })

    await scriptedTest.step('a question that waits survives a reload', async () => {
      await useUp(page)
      await send(page, 'And for the tunnel?')
      await expect(pauseNotice(page)).toContainText('You have reached your limit')
      await page.reload()
      await expect(page.getByText('Your question was not sent yet')).toBeVisible({ timeout: 30_000 })
      await expect(composer(page)).toHaveValue('And for the tunnel?')
      await page.getByTestId('send').click()
      await answered(page, 2)
      await expect(composer(page)).toHaveValue('')
    })

    await scriptedTest.step('pages and uploads wait, too', async () => {
      await page.getByRole('link', { name: 'Documents', exact: true }).click()
      await expect(page.getByRole('button', { name: 'Upload files' }).first()).toBeVisible()
      await useUp(page)
      await pickFiles(page, [note('tunnel', 1), note('tunnel', 2)])
      await expect(pauseNotice(page)).toContainText('You have reached your limit')
      for (const n of [1, 2])
        await expect(documentRow(page, `tunnel-${n}.md`)).toContainText('Searchable', { timeout: 90_000 })
    })

    await scriptedTest.step('a limit that is taken away counts at once, without a restart', async () => {
      await limit('reset')
      await page.reload()
      await expect(documentRow(page, 'tunnel-2.md')).toBeVisible()
      await expect(pauseNotice(page)).toBeEmpty()
    })
  },
)

scriptedTest(
  'what is switched off is said, and nothing that was typed is lost',
  async ({ page, scripted, watched }) => {
    watched.allow(/503/)
    const { product } = scripted
    const { workspace } = await signUp(page)
    const flags = async (...args: string[]) => {
      const { code, stderr } = await quarry(product, ['flags', ...args, '--org', workspace])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    }
    await flags('set', 'chat.answers', 'off')
    // What is switched counts a second later at most, and a question before that is answered.
    await page.waitForTimeout(1_000)
    await send(page, 'Who pays for the bridge?')
    const problem = page.getByRole('alert').filter({ hasText: 'Questions are not answered at the moment' })
    await expect(problem).toBeVisible()
    await expect(page.getByText('Who pays for the bridge?')).toBeVisible()
    await expect(pauseNotice(page)).toBeEmpty()
    await flags('reset', 'chat.answers')
    // Whoever is quicker than that second is refused, and tries again.
    await expect(async () => {
      if (await problem.isVisible()) await problem.getByRole('button', { name: 'Try again' }).click()
      await expect(page.getByTestId('answer-model')).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 60_000 })
    await expect(problem).toBeHidden()
    await expect(composer(page)).toBeVisible()
  },
)
