import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, type Locator, type Page } from '@playwright/test'
import { z } from 'zod'

/** The row of a file's job in a list of jobs. */
export const jobRow = (page: Page, name: string): Locator =>
  page.getByTestId('job-row').filter({ has: page.getByText(name, { exact: true }) })

/** Opens the page of a file's job by its row. */
export const openJob = async (page: Page, name: string): Promise<void> => {
  await page.goto('/jobs')
  await jobRow(page, name).first().getByRole('link', { name }).click()
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
}

/** The state that the page of a job shows, as a word of the contract. */
export const expectJobState = (page: Page, state: string, timeout = 30_000): Promise<void> =>
  expect(page.getByTestId('job-state')).toHaveAttribute('data-state', state, { timeout })

/** Cancels the job whose page is open, and confirms it. */
export const cancelOpenJob = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Cancel job' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Stop it' }).click()
}

const credentials = z.object({ email: z.string(), password: z.string() })

/** Signs in as who set up the product that the run has started, and so looks after the whole installation. */
export const signInAsOperator = async (page: Page): Promise<void> => {
  const folder = process.env['QUARRY_E2E_DATA']
  if (folder === undefined) throw new Error('QUARRY_E2E_DATA says where the product under test keeps its data')
  const { email, password } = credentials.parse(JSON.parse(readFileSync(join(folder, 'credentials.json'), 'utf8')))
  await page.goto('/sign-in')
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByTestId('composer')).toBeVisible()
}

const KIND = 'Read and index a file'

/** Pauses the reading of files for the whole installation. */
export const pauseReading = async (page: Page): Promise<void> => {
  await page.goto('/operations')
  await page.getByRole('button', { name: `Pause: ${KIND}` }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('button', { name: `Let go on: ${KIND}` })).toBeVisible()
}

export const resumeReading = async (page: Page): Promise<void> => {
  await page.goto('/operations')
  await page.getByRole('button', { name: `Let go on: ${KIND}` }).click()
  await expect(page.getByRole('button', { name: `Pause: ${KIND}` })).toBeVisible()
}
