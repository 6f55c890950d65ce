import { expect, type Locator, type Page } from '@playwright/test'

export const composer = (page: Page): Locator => page.getByTestId('composer')
export const answers = (page: Page): Locator => page.getByTestId('answer')
/** The chips after claims, in the newest answer. */
export const citations = (page: Page): Locator => answers(page).last().getByTestId('citation')

/** Sends a question and does not wait for what comes of it. */
export const send = async (page: Page, question: string): Promise<void> => {
  await composer(page).fill(question)
  await page.getByTestId('send').click()
}

/** The answer is complete: its model is named, and nothing can be stopped any more. */
export const answered = async (page: Page, count = 1): Promise<void> => {
  await expect(page.getByTestId('answer-model')).toHaveCount(count, { timeout: 30_000 })
  await expect(page.getByTestId('stop')).toHaveCount(0)
}

/** Asks in a new conversation and waits for the complete answer. */
export const ask = async (page: Page, question: string): Promise<void> => {
  await page.goto('/')
  await send(page, question)
  await answered(page)
}
