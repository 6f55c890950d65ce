import { documentItem, documentsJson, me, pageOf } from '@quarry/contracts'
import { quarry, query, statusOf, type Product } from '../fixtures/product/index.ts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, answers, send } from './support/chat-page.ts'
import { addSearchable, markdown } from './support/documents-page.ts'
import { ELSEWHERE, HOSTILE_ROWS } from './support/hostile-answer.ts'
import { signUp } from './support/people.ts'
import { HOSTILE_QUESTION } from './support/scripted-model.ts'
import { expect, scriptedTest as test } from './support/test.ts'

const [handbook] = tenantDocuments('security')
if (handbook === undefined) throw new Error('no documents')

const directivesOf = (policy: string) =>
  new Map(
    policy.split(';').map((part) => {
      const [name = '', ...values] = part.trim().split(/\s+/)
      return [name, values] as const
    }),
  )

test('pages allow only their own scripts and tell browsers to be strict', async ({ page }) => {
  await signUp(page)
  const nonces = new Set<string>()
  for (const path of ['/', '/documents', '/keys', '/sign-in', '/nowhere']) {
    const response = await page.request.get(path)
    const headers = response.headers()
    const policy = directivesOf(headers['content-security-policy'] ?? '')
    const scripts = policy.get('script-src') ?? []
    const nonce = scripts.find((source) => source.startsWith("'nonce-"))
    expect(nonce, path).toBeDefined()
    nonces.add(nonce ?? '')
    expect(scripts).not.toContain("'unsafe-inline'")
    expect(scripts).not.toContain("'unsafe-eval'")
    expect(policy.get('default-src')).toEqual(["'self'"])
    expect(policy.get('object-src')).toEqual(["'none'"])
    expect(policy.get('base-uri')).toEqual(["'none'"])
    expect(policy.get('frame-ancestors')).toEqual(["'none'"])
    expect(policy.get('connect-src')).toEqual(["'self'"])
    expect(policy.get('img-src')?.filter((source) => !["'self'", 'data:', 'blob:'].includes(source))).toEqual([])
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['referrer-policy']).toBe('same-origin')
    expect(headers).not.toHaveProperty('x-powered-by')
    const html = await response.text()
    const bare = (html.match(/<script\b[^>]*>/g) ?? []).filter((tag) => !tag.includes('nonce='))
    expect(bare, path).toEqual([])
  }
  expect(nonces.size, 'a nonce for every response').toBe(5)
})

test('the API answers no script and no cached secret', async ({ page }) => {
  await signUp(page)
  const response = await page.request.get('/api/trpc/session.me')
  expect(response.ok()).toBe(true)
  expect(response.headers()['x-content-type-options']).toBe('nosniff')
  expect(response.headers()['cache-control']).toMatch(/no-store/)
  const foreign = await page.request.post('/api/trpc/collections.create', {
    headers: { origin: 'http://elsewhere.test', 'content-type': 'application/json' },
    data: { name: 'From another site' },
  })
  expect(foreign.status()).toBe(403)
  const cookies = await page.context().cookies()
  const session = cookies.find(({ name }) => name.endsWith('session_token'))
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax' })
})

test('the bytes of a document cannot act on the product', async ({ page }) => {
  await signUp(page)
  await addSearchable(page, [
    markdown('page.md', Buffer.from('# Page\n\n<script>document.title = "hacked"</script>\n')),
  ])
  const list = await page.request.get(`/api/trpc/documents.list?input=${encodeURIComponent('{}')}`)
  const body = (await list.json()) as { result: { data: unknown } }
  const versionId = pageOf(documentItem).parse(body.result.data).items[0]?.liveVersionId
  const content = await page.request.get(`/api/documents/versions/${versionId}/content`)
  expect(content.ok()).toBe(true)
  const headers = content.headers()
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['content-security-policy']).toContain('sandbox')
  expect(headers['content-type']).not.toContain('html')
  expect(headers['cache-control']).toMatch(/private|no-store/)
})

test('an answer full of traps calls nobody and runs nothing', async ({ page, watched }) => {
  await signUp(page)
  await addSearchable(page, [markdown('handbook.md', handbook.bytes)])
  await page.goto('/')
  await page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', ({ blockedURI }) => console.error(`blocked: ${blockedURI}`))
  })
  let dialogs = 0
  page.on('dialog', (dialog) => {
    dialogs += 1
    void dialog.dismiss()
  })
  await send(page, HOSTILE_QUESTION)
  await answered(page)
  await expect(answers(page)).toContainText('The end of the hostile answer.')
  await expect(answers(page)).toContainText(`row${HOSTILE_ROWS - 1}`)

  const inside = await answers(page).evaluate((answer) => ({
    elements: [
      ...answer.querySelectorAll(
        'img, image, script, iframe, style, link, form, button, svg, object, embed, base, meta, details, video, audio',
      ),
    ].map((e) => e.outerHTML),
    handlers: [...answer.querySelectorAll('*')].flatMap((e) =>
      e.getAttributeNames().filter((name) => name.startsWith('on')),
    ),
    links: [...answer.querySelectorAll('a')]
      .filter((a) => a.dataset['testid'] !== 'citation')
      .map((a) => ({ href: a.href, rel: a.rel, target: a.target })),
  }))
  expect(inside.elements).toEqual([])
  expect(inside.handlers).toEqual([])
  for (const { href, rel, target } of inside.links) {
    expect(new URL(href).origin).toBe(ELSEWHERE)
    expect(rel).toContain('noopener')
    expect(target).toBe('_blank')
  }
  expect(inside.links.map(({ href }) => href)).toContain(`${ELSEWHERE}/honest`)

  // Again from the database, as one piece.
  await page.reload()
  await answered(page)
  await expect(answers(page)).toContainText('The end of the hostile answer.')
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false)
  expect(dialogs).toBe(0)
  // The table is wider than a phone, and scrolls by itself.
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  watched.verify()
})

test('a key is shown once, works over HTTP and in the terminal, and ends when it is revoked', async ({
  page,
  scripted,
}) => {
  const { product } = scripted
  const person = await signUp(page)
  await page.goto('/keys')
  await page.getByRole('button', { name: 'Create key' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name').fill('Nightly import')
  await dialog.getByRole('button', { name: 'Create key' }).click()
  const secretField = page.getByRole('dialog').getByLabel('Secret of Nightly import')
  await expect(secretField).toBeVisible()
  const apiKey = (await secretField.inputValue().catch(() => secretField.innerText())).trim()
  expect(apiKey).toMatch(/^qk_.{20,}/)
  await page.getByRole('button', { name: 'I have stored it' }).click()

  await page.reload()
  await expect(page.getByText('Nightly import')).toBeVisible()
  expect(await page.content()).not.toContain(apiKey)

  const caller = { url: product.url, apiKey }
  const who = await query(caller, 'session.me', undefined, me)
  expect(who).toMatchObject({ kind: 'api_key', role: 'member', organisation: { name: person.workspace } })
  const listed = await inTerminal(product, apiKey)
  expect(listed).toMatchObject({ code: 0 })
  expect(documentsJson.parse(JSON.parse(listed.stdout)).documents).toEqual([])

  await page.getByRole('button', { name: 'Revoke Nightly import' }).click()
  await page.getByRole('dialog').or(page.getByRole('alertdialog')).getByRole('button', { name: 'Revoke' }).click()
  await expect(page.getByText('Key “Nightly import” revoked.')).toBeVisible()
  // Who calls is looked up again after a second at the latest (design, rule 6).
  await expect.poll(() => statusOf(caller, 'documents.list', {}), { timeout: 10_000 }).toBe(401)
  const refused = await inTerminal(product, apiKey)
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toContain('refused the API key')
})

const inTerminal = (product: Product, apiKey: string) =>
  quarry(product, ['documents', '--json'], { env: { QUARRY_URL: product.url, QUARRY_API_KEY: apiKey } })
