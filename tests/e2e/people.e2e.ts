import type { Browser, BrowserContext, Page } from '@playwright/test'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, answers, ask, citations, send } from './support/chat-page.ts'
import { documentRow, markdown, addSearchable, pickFiles, text } from './support/documents-page.ts'
import { newPerson, signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'
import { receivedBodies, watch, type Watch } from './support/watched-context.ts'
import {
  addRestrictedCollection,
  collectionRow,
  invite,
  join,
  memberRow,
  openAccess,
} from './support/workspace-pages.ts'

const VAULT = 'Vault'
/** Of both documents, without a word that only one of them has. */
const OPEN_QUESTION = 'Who must oil it on the third Tuesday, and when?'

interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  readonly watched: Watch
}

/** Somebody at a browser of their own. What they may not do is answered with a refusal, which a browser reports. */
const visit = async (browser: Browser, baseURL: string): Promise<Visitor> => {
  const context = await browser.newContext({ baseURL })
  const watched = watch(context, new URL(baseURL).origin)
  watched.allow(/status of 40[134]/)
  return { context, page: await context.newPage(), watched }
}

test('two people in one workspace and one in another: upload, restrict, grant, ask, remove', async ({
  page: ada,
  browser,
  baseURL,
  watched,
}) => {
  test.setTimeout(180_000)
  const [handbook, minutes] = tenantDocuments('people')
  if (handbook === undefined || minutes === undefined || baseURL === undefined) throw new Error('nothing to test with')
  const owner = await signUp(ada)
  const stranger = await visit(browser, baseURL)
  const strangerReceived = receivedBodies(stranger.context)
  await signUp(stranger.page)

  await addSearchable(ada, [markdown('handbook.md', handbook.bytes)])
  await test.step('a restricted collection with a document of its own', async () => {
    await addRestrictedCollection(ada, VAULT)
    await ada.goto('/documents')
    await ada.getByRole('combobox', { name: 'Add to' }).selectOption({ label: VAULT })
    await pickFiles(ada, [text('minutes.txt', minutes.bytes)])
    await expect(documentRow(ada, 'minutes.txt')).toContainText('Searchable', { timeout: 30_000 })
  })

  const colleague = { ...newPerson(), name: 'Grace Colleague' }
  const grace = await visit(browser, baseURL)
  const graceReceived = receivedBodies(grace.context)
  const link = await invite(ada, colleague.email)
  await test.step('a colleague joins by the link, which then is used up', async () => {
    await join(grace.page, link, colleague)
    await expect(grace.page.getByRole('button', { name: owner.workspace })).toBeVisible()
    await stranger.page.goto(link)
    await expect(stranger.page.getByText('This invitation cannot be used')).toBeVisible()
    await ada.goto('/people')
    await expect(memberRow(ada, colleague.name)).toContainText(colleague.email)
  })

  await test.step('what is open to all is hers to read, what is restricted is not there for her', async () => {
    await grace.page.goto('/documents')
    await expect(documentRow(grace.page, 'handbook.md')).toContainText('Searchable')
    await expect(documentRow(grace.page, 'minutes.txt')).toHaveCount(0)
    await ask(grace.page, OPEN_QUESTION)
    await expect(answers(grace.page)).toContainText(handbook.canary)
    expect((await graceReceived()).filter(({ text: body }) => body.includes(minutes.canary))).toEqual([])
    // The positive control: the owner does get it.
    await ask(ada, minutes.question)
    await expect(answers(ada)).toContainText(minutes.canary)
  })

  await test.step('a grant shows at once, without a reload, and says who gave it', async () => {
    await grace.page.goto('/documents')
    const dialog = await openAccess(ada, VAULT)
    await dialog.getByLabel('Give access to').selectOption({ label: `${colleague.name} (${colleague.email}, Member)` })
    await dialog.getByRole('button', { name: 'Add' }).click()
    const entry = dialog.getByTestId('access-entry').filter({ hasText: colleague.name })
    await expect(entry).toContainText(`Chosen by ${owner.name}`)
    await expect(dialog.getByTestId('access-entry').filter({ hasText: owner.email })).toContainText('Owners and admins')
    await expect(documentRow(grace.page, 'minutes.txt')).toBeVisible()
    await ask(grace.page, minutes.question)
    await expect(answers(grace.page)).toContainText(minutes.canary)
    await citations(grace.page).first().click()
    await expect(grace.page.getByTestId('highlight').first()).toBeVisible()
  })

  const source = await citations(grace.page).first().getAttribute('href')
  await test.step('taken away, it is gone within a second: from the list and from the source', async () => {
    await grace.page.goto('/documents')
    await expect(documentRow(grace.page, 'minutes.txt')).toBeVisible()
    const dialog = await openAccess(ada, VAULT)
    await dialog.getByRole('button', { name: `Take the access of ${colleague.name} away` }).click()
    await expect(dialog.getByTestId('access-entry').filter({ hasText: colleague.name })).toHaveCount(0)
    await expect(documentRow(grace.page, 'minutes.txt')).toHaveCount(0)
    await grace.page.goto(source ?? '')
    // Beside it stands her own question, which names the word.
    const main = grace.page.getByRole('main')
    await expect(main.getByText('This source no longer exists')).toBeVisible()
    await expect(main.getByText(minutes.canary)).toHaveCount(0)
    await expect(main.getByTestId('highlight')).toHaveCount(0)
  })

  await test.step('removed, she is out of what she has open', async () => {
    await grace.page.goto('/documents')
    await expect(documentRow(grace.page, 'handbook.md')).toBeVisible()
    await ada.goto('/people')
    await ada.getByRole('button', { name: `Remove ${colleague.name}` }).click()
    await ada.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click()
    await expect(memberRow(ada, colleague.name)).toHaveCount(0)
    await expect(documentRow(grace.page, 'handbook.md')).toHaveCount(0, { timeout: 10_000 })
    await expect(grace.page).toHaveURL(/\/sign-in\?next=%2Fdocuments$/)
    const refused = await grace.context.request.get('/api/trpc/documents.list?input=%7B%7D')
    expect([401, 403]).toContain(refused.status())
  })

  await test.step('the last owner cannot leave, and the log tells it all', async () => {
    watched.allow(/status of 409 .*members\.leave/)
    await ada.getByRole('button', { name: 'Leave' }).click()
    await ada.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await expect(ada.getByText('This is the last owner of the workspace.').first()).toBeVisible()
    await expect(memberRow(ada, owner.name)).toBeVisible()
    await ada.goto('/audit')
    for (const action of ['member.remove', 'collection.revoke', 'collection.grant', 'invitation.create'])
      await expect(ada.locator(`[data-action="${action}"]`).first()).toBeVisible()
  })

  await test.step('nothing of it ever reached the other workspace', async () => {
    await stranger.page.goto(source ?? '')
    await stranger.page.goto('/people')
    await expect(stranger.page.getByTestId('member-row')).toHaveCount(1)
    await stranger.page.goto('/collections')
    await expect(collectionRow(stranger.page, VAULT)).toHaveCount(0)
    await stranger.page.goto('/')
    await send(stranger.page, OPEN_QUESTION)
    await answered(stranger.page)
    await expect(stranger.page.getByTestId('citation')).toHaveCount(0)
    const words = [handbook.canary, minutes.canary, owner.name, owner.workspace, owner.email, colleague.email, VAULT]
    const leaked = (await strangerReceived()).filter(({ text: body }) => words.some((word) => body.includes(word)))
    expect(leaked.map(({ url }) => url)).toEqual([])
  })
  stranger.watched.verify()
  grace.watched.verify()
  await stranger.context.close()
  await grace.context.close()
})
