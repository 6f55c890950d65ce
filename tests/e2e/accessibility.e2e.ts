import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { imageOnlyPdf } from '../fixtures/pdf/image-only-pdf.ts'
import { twoColumnPaper } from '../fixtures/pdf/two-column-paper.ts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, ask, citations, composer } from './support/chat-page.ts'
import { addSearchable, documentRow, markdown, pdf, pickFiles, word } from './support/documents-page.ts'
import { focusIsVisible, tabTo } from './support/keyboard.ts'
import { newPerson, signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1280, height: 800 }
const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: DESKTOP },
  { name: 'dark', colorScheme: 'dark', viewport: DESKTOP },
  { name: 'light at 390 px', colorScheme: 'light', viewport: PHONE },
] as const

const [handbook] = tenantDocuments('access')
if (handbook === undefined) throw new Error('no documents')
const QUESTION = 'Why did the replacement lens of Bohemian glass remain in its crate?'

/** Fails with the rule, the element and the reason of every violation. */
const expectAccessible = async (page: Page, where: string) => {
  // What fades in has other colours on the way.
  await expect
    .poll(() =>
      page.evaluate(
        () =>
          document
            .getAnimations()
            .filter((each) => each.playState === 'running' && each.effect?.getComputedTiming().iterations !== Infinity)
            .length,
      ),
    )
    .toBe(0)
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze()
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${where}: ${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
  )
  expect.soft(found).toEqual([])
}

const expectNoSidewaysScroll = async (page: Page, where: string) => {
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect.soft(width, `${where} is wider than the window`).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0)
}

test('every page, light and dark, wide and at 390 px, has no violation', async ({ page, watched }) => {
  test.setTimeout(240_000)
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
  await expect(documentRow(page, 'scan.pdf')).toContainText('Failed')
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

  await page.goto('/keys')
  await expect(page.getByText('No keys yet')).toBeVisible()
  await inEveryLook(page, 'no keys')
  await page.getByRole('button', { name: 'Create key' }).first().click()
  await expect(page.getByRole('dialog')).toBeVisible()
  await inEveryLook(page, 'the form of a key')
  await page.goto('/nowhere')
  await inEveryLook(page, 'not found')
})

const inEveryLook = (page: Page, where: string) =>
  test.step(where, async () => {
    await expect(page.locator('main')).toBeVisible()
    await expect(page.locator('[aria-busy="true"]')).toHaveCount(0)
    for (const { name, colorScheme, viewport } of LOOKS) {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize(viewport)
      await expectAccessible(page, `${where}, ${name}`)
      await expectNoSidewaysScroll(page, `${where}, ${name}`)
    }
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(DESKTOP)
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
