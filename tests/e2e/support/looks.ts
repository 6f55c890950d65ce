import { AxeBuilder } from '@axe-core/playwright'
import { expect, test, type Page } from '@playwright/test'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const PHONE = { width: 390, height: 844 }
const DESKTOP = { width: 1280, height: 800 }
const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: DESKTOP },
  { name: 'dark', colorScheme: 'dark', viewport: DESKTOP },
  { name: 'light at 390 px', colorScheme: 'light', viewport: PHONE },
] as const

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

/** Looks at what is shown in light and dark, and at 390 px: no violation, nothing wider than the window. */
export const inEveryLook = (page: Page, where: string) =>
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
