import { expect, type Page } from '@playwright/test'

export interface Person {
  readonly name: string
  readonly workspace: string
  readonly email: string
  readonly password: string
}

/** Somebody whom no other test knows. */
export const newPerson = (): Person => {
  const id = crypto.randomUUID().slice(0, 8)
  return {
    name: `Ada ${id}`,
    workspace: `Workshop ${id}`,
    email: `ada-${id}@example.test`,
    password: `pass ${id} word`,
  }
}

/** Fills in the sign-up form and waits for the first page of the new workspace. */
export const signUp = async (page: Page, person: Person = newPerson()): Promise<Person> => {
  await page.goto('/sign-up')
  await page.getByLabel('Your name').fill(person.name)
  await page.getByLabel('Workspace name').fill(person.workspace)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Create workspace' }).click()
  await expect(page.getByTestId('composer')).toBeVisible()
  return person
}
