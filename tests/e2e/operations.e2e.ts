import { signInAsOperator } from './support/jobs-page.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'

test('who looks after the installation sees its processes and what they do; nobody else sees any of it', async ({
  page,
  browser,
  baseURL,
  watched,
}) => {
  test.setTimeout(180_000)
  const context = await browser.newContext({ ...(baseURL !== undefined && { baseURL }) })
  const operator = await context.newPage()
  await signInAsOperator(operator)
  await operator.goto('/operations')

  await test.step('a web server and a worker live, and say what they do and take', async () => {
    for (const kind of ['web', 'worker']) {
      const row = operator.locator(`[data-testid="process-row"][data-kind="${kind}"][data-live="true"]`).first()
      await expect(row).toBeVisible({ timeout: 60_000 })
      await expect(row).toContainText('MB')
      await expect(row).toContainText(kind === 'web' ? 'requests/s' : 'jobs/min')
    }
  })

  await test.step('charts of the last hour, with their figures as tables, and of the last day', async () => {
    const chart = operator.getByTestId('chart').filter({ hasText: 'Requests a second' })
    // The requests of this very page are there with the next report, and that one is asked for a little later.
    const table = operator.getByRole('table', { name: 'Requests a second' })
    await operator.getByText('Show as a table: Requests a second').click({ timeout: 90_000 })
    await expect(table.getByRole('cell').first()).toContainText('/s')
    await operator.getByRole('combobox', { name: 'Time of the charts' }).selectOption('day')
    await expect(chart).toBeVisible()
    await expect(table.getByRole('cell').first()).toContainText('/s')
  })

  await test.step('the owner of another workspace is told whom to ask, and the API refuses, too', async () => {
    watched.allow(/status of 403/)
    await signUp(page)
    await page.goto('/operations')
    await expect(page.getByText('Operations is for who looks after this installation')).toBeVisible()
    await expect(page.getByTestId('process-row')).toHaveCount(0)
    const refused = await page.evaluate(async () => (await fetch('/api/trpc/operations.processes')).status)
    expect(refused).toBe(403)
  })
  await context.close()
})
