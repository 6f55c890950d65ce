import { composer } from './support/chat-page.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'

/** Of a moment that no build of today was made at. */
const NEXT_BUILD = '9999999999999.next'

test('a page of an old bundle is told of the new one, loses nothing, and is the new one when it is reloaded', async ({
  page,
}) => {
  await signUp(page)
  const notice = page.getByTestId('new-version-notice')
  const own = await page.locator('html').getAttribute('data-build')
  expect(own, 'the page knows which build it is of').toMatch(/^\d+\./)
  await composer(page).fill('half a question')
  await expect(notice).toBeEmpty()

  // From now on a replica of the next release answers; streams stay with the one that has them.
  await page.route('**/api/trpc/**', async (route) => {
    if ((await route.request().headerValue('accept'))?.includes('text/event-stream')) return route.continue()
    const response = await route.fetch()
    return route.fulfill({ response, headers: { ...response.headers(), 'x-quarry-build': NEXT_BUILD } })
  })
  await page.evaluate(() => Reflect.set(window, 'loadedOnce', true))
  await page.getByRole('link', { name: 'Documents', exact: true }).click()
  await expect(notice).toContainText('A newer version is running.')
  await page.getByRole('link', { name: 'New chat' }).click()
  await expect(composer(page)).toHaveValue('half a question')
  expect(await page.evaluate(() => Reflect.get(window, 'loadedOnce')), 'nothing was reloaded by itself').toBe(true)

  await page.unroute('**/api/trpc/**')
  await notice.getByRole('button', { name: 'Reload' }).click()
  await expect.poll(() => page.evaluate(() => Reflect.get(window, 'loadedOnce'))).toBeUndefined()
  await expect(composer(page)).toHaveValue('half a question')
  await expect(notice).toBeEmpty()
})

test('control: a page of the build that answers is told nothing', async ({ page }) => {
  await signUp(page)
  await page.getByRole('link', { name: 'Documents', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Documents' })).toBeVisible()
  await expect(page.getByTestId('new-version-notice')).toBeEmpty()
})
