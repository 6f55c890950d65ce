import { newPerson, signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'
import { watch } from './support/watched-context.ts'
import { invite, join, memberRow } from './support/workspace-pages.ts'

test('an owner deletes a workspace: it closes for everybody at once, and opens again where they left it', async ({
  page: ada,
  browser,
  baseURL,
  watched,
}) => {
  test.setTimeout(120_000)
  if (baseURL === undefined) throw new Error('nothing to test with')
  watched.allow(/status of 40[13]/)
  const owner = await signUp(ada)
  const colleague = { ...newPerson(), name: 'Grace Colleague' }
  const context = await browser.newContext({ baseURL })
  const others = watch(context, new URL(baseURL).origin)
  others.allow(/status of 40[13]/)
  const grace = await context.newPage()
  await join(grace, await invite(ada, colleague.email), colleague)
  await grace.goto('/people')
  await expect(memberRow(grace, owner.name)).toBeVisible()
  await expect(grace.getByRole('button', { name: 'Delete workspace' })).toHaveCount(0)

  await test.step('asked for by its name, which has to be right', async () => {
    await ada.goto('/people')
    await ada.getByRole('button', { name: 'Delete workspace' }).click()
    const dialog = ada.getByRole('dialog', { name: `Delete ${owner.workspace}?` })
    const submit = dialog.getByRole('button', { name: 'Close and delete it' })
    await expect(submit).toBeDisabled()
    await dialog.getByRole('textbox').fill(owner.workspace.toLowerCase())
    await expect(submit).toBeDisabled()
    await dialog.getByRole('textbox').fill(owner.workspace)
    await submit.click()
  })

  await test.step('everybody sees that it is closed, whatever they have open; only an owner can open it again', async () => {
    for (const page of [ada, grace])
      await expect(page.getByRole('heading', { name: `${owner.workspace} is closed` })).toBeVisible({ timeout: 15_000 })
    await expect(memberRow(grace, owner.name)).toHaveCount(0)
    await expect(grace.getByRole('button', { name: 'Open it again' })).toHaveCount(0)
    await grace.goto('/documents')
    await expect(grace.getByRole('heading', { name: `${owner.workspace} is closed` })).toBeVisible()
    await ada.getByRole('button', { name: 'Open it again' }).click()
  })

  await test.step('as it was', async () => {
    await expect(ada.getByTestId('composer')).toBeVisible()
    await grace.goto('/people')
    await expect(memberRow(grace, owner.name)).toBeVisible()
    await ada.goto('/audit')
    for (const action of ['organisation.restore', 'organisation.delete'])
      await expect(ada.locator(`[data-action="${action}"]`).first()).toBeVisible()
  })
  others.verify()
  await context.close()
})
