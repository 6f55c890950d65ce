import { expect, type Locator, type Page } from '@playwright/test'
import type { Person } from './people.ts'

/** Invites an address on the people page; the link, which is shown this once. */
export const invite = async (page: Page, email: string): Promise<string> => {
  await page.goto('/people')
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByLabel('Email address').fill(email)
  await page.getByRole('button', { name: 'Make the link' }).click()
  const link = await page.getByTestId('invitation-link').inputValue()
  await page.getByRole('button', { name: 'I have sent it' }).click()
  return link
}

/** Opens the link of an invitation as somebody new, and joins. */
export const join = async (page: Page, link: string, person: Person): Promise<void> => {
  await page.goto(link)
  await page.getByLabel('Your name').fill(person.name)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Create your account and join' }).click()
  await expect(page.getByTestId('composer')).toBeVisible()
}

export const memberRow = (page: Page, name: string): Locator => page.getByTestId('member-row').filter({ hasText: name })

export const collectionRow = (page: Page, name: string): Locator =>
  page.getByTestId('collection-row').filter({ hasText: name })

/** Makes a restricted collection, whose access dialog then stands open, and closes it. */
export const addRestrictedCollection = async (page: Page, name: string): Promise<void> => {
  await page.goto('/collections')
  await page.getByRole('button', { name: 'New collection' }).click()
  const form = page.getByRole('dialog', { name: 'New collection' })
  await form.getByLabel('Name').fill(name)
  await form.getByLabel('Who can see it').selectOption('restricted')
  await form.getByRole('button', { name: 'Create collection' }).click()
  await page
    .getByRole('dialog', { name: `Who can see “${name}”` })
    .getByRole('button', { name: 'Close' })
    .click()
  await expect(collectionRow(page, name)).toContainText('Only who is chosen')
}

/** The dialog that says who can see a collection, and why. */
export const openAccess = async (page: Page, name: string): Promise<Locator> => {
  await page.goto('/collections')
  await collectionRow(page, name).getByRole('button', { name: 'Who can see this' }).click()
  return page.getByRole('dialog', { name: `Who can see “${name}”` })
}
