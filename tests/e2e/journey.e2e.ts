import { FAILURES } from '@quarry/contracts'
import { imageOnlyPdf } from '../fixtures/pdf/image-only-pdf.ts'
import { twoColumnPaper } from '../fixtures/pdf/two-column-paper.ts'
import { tenantDocuments } from '../fixtures/tenant-documents.ts'
import { answered, answers, citations, composer, send } from './support/chat-page.ts'
import { documentRow, dropFiles, markdown, pdf, pickFiles, text, word } from './support/documents-page.ts'
import { signUp } from './support/people.ts'
import { expect, test } from './support/test.ts'

test('from a new account to a passage marked on its page', async ({ page }) => {
  // A scan is looked through for text, which takes a slow machine its time.
  test.setTimeout(240_000)
  const paper = await twoColumnPaper()
  const [handbook, minutes] = tenantDocuments('journey')
  if (handbook === undefined || minutes === undefined) throw new Error('no documents')
  await signUp(page)

  await test.step('somebody new is told what to do', async () => {
    await expect(page.getByText('Add documents').first()).toBeVisible()
  })

  await test.step('files are dropped and picked, and become searchable without a reload', async () => {
    await page.getByRole('link', { name: 'Documents', exact: true }).click()
    await expect(page.getByRole('heading', { name: 'Documents', exact: true })).toBeVisible()
    // Small files are through in a moment: bars are noted when they come, and not looked for later.
    await page.evaluate(() => {
      const seen = new Set<string>()
      Object.assign(window, { barsSeen: seen })
      new MutationObserver(() => {
        for (const bar of document.querySelectorAll('[role="progressbar"]'))
          seen.add(bar.getAttribute('aria-label') ?? '')
      }).observe(document.body, { subtree: true, childList: true })
    })
    await dropFiles(page, [pdf('registers.pdf', paper.bytes), markdown('handbook.md', handbook.bytes)])
    await expect(documentRow(page, 'registers.pdf')).toContainText('Searchable', { timeout: 30_000 })
    await expect(documentRow(page, 'handbook.md')).toContainText('Searchable')

    await pickFiles(page, [
      text('minutes.txt', minutes.bytes),
      pdf('scan.pdf', await imageOnlyPdf()),
      word('letter.doc'),
    ])
    await expect(documentRow(page, 'minutes.txt')).toContainText('Searchable', { timeout: 30_000 })
    // What only a page that was never reloaded still knows.
    const bars = await page.evaluate(() => [...(Reflect.get(window, 'barsSeen') as Set<string>)])
    for (const name of ['registers.pdf', 'handbook.md', 'minutes.txt', 'scan.pdf']) {
      expect(bars).toContain(`Upload of ${name}`)
    }
  })

  await test.step('a scan fails with its reason, another format is refused by name', async () => {
    await expect(documentRow(page, 'scan.pdf')).toContainText(FAILURES.no_text.message, { timeout: 90_000 })
    await expect(documentRow(page, 'scan.pdf')).toContainText(FAILURES.no_text.action)
    await expect(page.getByText('letter.doc').first()).toBeVisible()
    await expect(page.getByText('Files of type .doc are not supported.').first()).toBeVisible()
    await expect(documentRow(page, 'letter.doc')).toHaveCount(0)
  })

  await test.step('a question is answered from the paper, with its place', async () => {
    await page.getByRole('link', { name: 'New chat' }).click()
    await expect(composer(page)).toBeFocused()
    await send(page, 'Why did the replacement lens of Bohemian glass remain in its crate?')
    await answered(page)
    await expect(page.getByTestId('answer-model')).toContainText('Built-in answerer')
    await expect(answers(page)).toContainText('Bohemian glass')
    await expect(page).toHaveURL(/\/chat\/[0-9a-f-]{36}/)
  })

  await test.step('its citation opens the page with the words marked', async () => {
    const chip = citations(page).first()
    await expect(chip).toHaveAccessibleName(/registers\.pdf, page 2/)
    await chip.click()
    const viewer = page.getByTestId('source-panel')
    await expect(viewer.getByRole('img', { name: /^Page 2 of/ })).toBeVisible()
    await expect(viewer.getByTestId('highlight').first()).toBeVisible()
    await expect(viewer).toContainText('Verified')
  })

  await test.step('the conversation is listed and opens again', async () => {
    const address = page.url()
    await page.getByRole('link', { name: 'New chat' }).click()
    await expect(answers(page)).toHaveCount(0)
    await page
      .getByRole('navigation')
      .getByRole('link', { name: /Why did the replacement lens/ })
      .click()
    await expect(page).toHaveURL(new RegExp(address.split('?')[0] ?? ''))
    await expect(answers(page)).toContainText('Bohemian glass')
  })
})

test('a document that does not say it gets no invented answer', async ({ page }) => {
  const [handbook] = tenantDocuments('honest')
  if (handbook === undefined) throw new Error('no documents')
  await signUp(page)
  await page.goto('/documents')
  await pickFiles(page, [markdown('handbook.md', handbook.bytes)])
  await expect(documentRow(page, 'handbook.md')).toContainText('Searchable', { timeout: 30_000 })
  await page.goto('/')
  await send(page, 'Which planet has the most moons?')
  await answered(page)
  await expect(page.getByText('Nothing in your documents answers this')).toBeVisible()
  await expect(page.getByTestId('citation')).toHaveCount(0)
})
