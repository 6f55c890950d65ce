import { expect, type Locator, type Page } from '@playwright/test'

/** More stops than any page has between two things that belong together. */
const MOST_STOPS = 60

/** Presses Tab (or Shift+Tab) until this has the focus. Fails when the keyboard does not get there. */
export const tabTo = async (page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await target.evaluateAll((found) => found.some((element) => element === document.activeElement))) return
    await page.keyboard.press(key)
  }
  await expect(target.first(), `reached by ${key}`).toBeFocused()
}

/** The element with the focus shows that it has it: an outline, a ring or another border. */
export const focusIsVisible = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return false
    const focused = getComputedStyle(element)
    const outlined = focused.outlineStyle !== 'none' && Number.parseFloat(focused.outlineWidth) > 0
    // A composer shows its focus on the frame around it.
    const framed = element.parentElement !== null && element.parentElement.matches(':focus-within')
    return outlined || focused.boxShadow !== 'none' || framed
  })
