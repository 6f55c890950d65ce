import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ReadStep } from '../parsed-page.ts'
import { readHtml } from './read-html.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-html-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function steps(content: string | Uint8Array): Promise<ReadStep[]> {
  const file = path.join(folder, 'page.html')
  await writeFile(file, content)
  const read: ReadStep[] = []
  for await (const step of readHtml(file)) read.push(step)
  return read
}
const blocks = async (content: string | Uint8Array) =>
  (await steps(content)).flatMap(({ page }) =>
    page.blocks.map(({ kind, start, end }) => [kind, page.text.slice(start, end)]),
  )

const MENU = '<ul><li><a href=a>Home</a><li><a href=b>Our products</a><li><a href=c>Contact</a></ul>'

describe('a web page', () => {
  test('is its content, under its title, without what stands around it', async () => {
    expect(
      await blocks(
        `<title>Opening hours
         - Baker</title><body class=sidebar><header><p>Baker Ltd</p>${MENU}</header><nav>${MENU}</nav><div role=banner>Sale!</div>` +
          `<main><header><h2>When we are open</h2></header><p>We are open from 7 to 18.</p><table><tr><th>Day<th>Hours<tr><td>Mon<td>7–18</table></main>` +
          `<aside>Read also</aside><div class="x cookie-banner">We use cookies</div><footer>© Baker</footer></body>`,
      ),
    ).toEqual([
      ['heading', 'Opening hours - Baker'],
      ['heading', 'When we are open'],
      ['paragraph', 'We are open from 7 to 18.'],
      ['table', 'Day | Hours\nMon | 7–18'],
    ])
  })

  test('loses its menus also where it has no landmarks', async () => {
    expect(
      await blocks(`<h1>News</h1><div>${MENU}</div><p>${'A new oven was bought and set up. '.repeat(3)}</p>`),
    ).toEqual([
      ['heading', 'News'],
      ['paragraph', 'A new oven was bought and set up. '.repeat(3).trim()],
    ])
  })

  test('keeps the links of an index, all articles of a list, and a page made of nothing but navigation', async () => {
    expect(await blocks(`<h1>Index</h1>${MENU}`)).toEqual([
      ['heading', 'Index'],
      ['list', '- Home\n- Our products\n- Contact'],
    ])
    expect(await blocks('<article>One two three.</article><p>Between.</p><article>Four five.</article>')).toEqual([
      ['paragraph', 'One two three.'],
      ['paragraph', 'Four five.'],
    ])
    expect(await blocks('<article>Teaser.</article><div>The text that counts stands outside of it.</div>')).toEqual([
      ['paragraph', 'Teaser.'],
      ['paragraph', 'The text that counts stands outside of it.'],
    ])
    expect(await blocks(`<nav>${MENU}</nav>`)).toEqual([['list', '- Home\n- Our products\n- Contact']])
  })

  test('is read in the encoding that it declares, without a warning', async () => {
    const [step] = await steps(Buffer.from('<meta charset="iso-8859-2"><p>\xb1\xea\xbf', 'latin1'))
    expect(step).toMatchObject({ page: { text: 'ąęż' } })
    expect(step?.warning).toBeUndefined()
    const [guessed] = await steps(Buffer.from('<p>Gr\xfc\xdfe aus K\xf6ln', 'latin1'))
    expect(guessed).toMatchObject({ page: { text: 'Grüße aus Köln' }, warning: 'encoding_guessed' })
  })

  test.each(['<html><body><script>1</script></body></html>', '<img src=x>', '<!-- -->'])(
    'without text is empty: %s',
    async (html) => {
      await expect(steps(html)).rejects.toMatchObject({ name: 'ParseFailure', code: 'empty' })
    },
  )
})
