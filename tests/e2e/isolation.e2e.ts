import { getConversationOutput } from '@quarry/contracts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, ask, citations } from './support/chat-page.ts'
import { addSearchable, documentRow, markdown, text } from './support/documents-page.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'
import { receivedBodies, watch } from './support/watched-context.ts'

/** The API's address of the conversation that a page shows. */
const conversationCall = (chatPath: string) =>
  `/api/trpc/conversations.get?input=${encodeURIComponent(JSON.stringify({ id: chatPath.split('/')[2] }))}`

test('another workspace sees nothing of the first one', async ({ page: first, browser, baseURL }) => {
  const [handbook, minutes] = tenantDocuments('isolated')
  if (handbook === undefined || minutes === undefined || baseURL === undefined) throw new Error('nothing to test with')
  await signUp(first)
  await addSearchable(first, [markdown('handbook.md', handbook.bytes), text('minutes.txt', minutes.bytes)])
  await ask(first, handbook.question)
  // The positive control: its own people do get the canary.
  await expect(first.getByTestId('answer')).toContainText(handbook.canary)
  const chat = new URL(first.url()).pathname
  const source = await citations(first).first().getAttribute('href')
  expect(source).toMatch(/^\/documents\/[0-9a-f-]{36}\/\d+/)

  const context = await browser.newContext({ baseURL })
  const watched = watch(context, new URL(baseURL).origin)
  watched.allow(/status of 404/)
  const received = receivedBodies(context)
  const second = await context.newPage()
  await signUp(second)

  await test.step('no document, no conversation, no hit', async () => {
    await expect(second.getByRole('navigation').getByRole('link', { name: new RegExp(handbook.canary) })).toHaveCount(0)
    await second.goto('/documents')
    await expect(second.getByText('No documents yet')).toBeVisible()
    await expect(documentRow(second, 'handbook.md')).toHaveCount(0)
    await second.goto('/')
    await second.getByTestId('composer').fill('Who must oil it on the third Tuesday, and when?')
    await second.getByTestId('send').click()
    await answered(second)
    await expect(second.getByTestId('citation')).toHaveCount(0)
  })

  await test.step('its addresses lead nowhere', async () => {
    await second.goto(chat)
    await expect(second.getByText('This conversation does not exist')).toBeVisible()
    await second.goto(source ?? '')
    await expect(second.getByText('This source no longer exists')).toBeVisible()
    const versionId = source?.split('/')[2] ?? ''
    const content = await context.request.get(`/api/documents/versions/${versionId}/content`)
    const random = await context.request.get(`/api/documents/versions/${crypto.randomUUID()}/content`)
    expect([content.status(), random.status()]).toEqual([404, 404])
    expect((await context.request.get(conversationCall(chat))).status()).toBe(404)
  })

  await test.step('nothing that its browser received has a word of it', async () => {
    const bodies = await received()
    expect(bodies.length).toBeGreaterThan(10)
    const leaks = bodies.filter(({ text }) => text.includes(handbook.canary) || text.includes(minutes.canary))
    expect(leaks.map(({ url }) => url)).toEqual([])
  })
  watched.verify()
  await context.close()

  // The first one is whole: its own request for the same conversation succeeds.
  const own = await first.request.get(conversationCall(chat))
  const body: unknown = await own.json()
  expect(getConversationOutput.safeParse((body as { result: { data: unknown } }).result.data).success).toBe(true)
})
