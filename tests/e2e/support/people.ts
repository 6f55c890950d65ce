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

/** Of a network of its own: so many accounts as the suite makes are not made from one. */
const newAddress = (): string => {
  const [a = 0, b = 0] = crypto.getRandomValues(new Uint8Array(2))
  return `10.${a}.${b}.7`
}

/** Fills in the sign-up form and waits for the first page of the new workspace. */
export const signUp = async (page: Page, person: Person = newPerson()): Promise<Person> => {
  await page.setExtraHTTPHeaders({ 'x-forwarded-for': newAddress() })
  await page.goto('/sign-up')
  await page.getByLabel('Your name').fill(person.name)
  await page.getByLabel('Workspace name').fill(person.workspace)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Create workspace' }).click()
  await expect(page.getByTestId('composer')).toBeVisible()
  await page.setExtraHTTPHeaders({})
  return person
}
