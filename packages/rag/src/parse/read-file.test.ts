import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { MediaType } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ParsedPage } from './parsed-page.ts'
import { readPages } from './read-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-read-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function read(content: string | Uint8Array, mediaType: MediaType): Promise<ParsedPage[]> {
  const file = path.join(folder, 'file')
  await writeFile(file, content)
  const pages: ParsedPage[] = []
  for await (const { page } of readPages({ path: file, mediaType })) pages.push(page)
  return pages
}

const utf16 = (text: string, big: boolean) => {
  const bytes = Buffer.from(`\uFEFF${text}`, 'utf16le')
  return big ? bytes.swap16() : bytes
}

describe('Markdown', () => {
  test('of megabytes is read in parts, and no code is cut', { timeout: 60_000 }, async () => {
    const section = (i: number) =>
      `## Part ${i}\n\n${'A line of *prose* that goes on.\n'.repeat(200)}\n\`\`\`\n${'code\n\nat the margin\n'.repeat(300)}\`\`\`\n\n`
    const text = Array.from({ length: 120 }, (_, i) => section(i)).join('')
    expect(text.length).toBeGreaterThan(1_000_000)
    const blocks = (await read(text, 'text/markdown')).flatMap((page) =>
      page.blocks.map(({ kind, start, end }) => ({ kind, text: page.text.slice(start, end) })),
    )
    expect(blocks.filter(({ kind }) => kind === 'heading').map((block) => block.text)).toEqual(
      Array.from({ length: 120 }, (_, i) => `Part ${i}`),
    )
    expect(blocks.filter(({ kind, text: own }) => kind === 'paragraph' && own.includes('code'))).toEqual([])
    expect(blocks.some(({ text: own }) => own.includes('```') || own.includes('*'))).toBe(false)
  })

  test('reads like the rendered page', async () => {
    const [page] = await read(
      '---\ntitle: x\n---\n# Leave **policy**\n\nYou get [30 days](http://x.test) of\n_paid_ leave[^1].\n\n| Day | Pay |\n|---|---|\n| Mon | full |\n\n- [x] ask `HR`\n  - early\n- go\n\n```sh\nls -l\n  cd x\n```\n\n[^1]: Since 2020.\n',
      'text/markdown',
    )
    expect(page?.blocks.map(({ kind, start, end }) => [kind, page.text.slice(start, end)])).toEqual([
      ['code', 'title: x'],
      ['heading', 'Leave policy'],
      ['paragraph', 'You get 30 days of paid leave.'],
      ['table', 'Day | Pay\nMon | full'],
      ['list', '- [x] ask HR\n  - early\n- go'],
      ['code', 'ls -l\n  cd x'],
      ['paragraph', 'Since 2020.'],
    ])
    expect(page).toMatchObject({ ordinal: 1, page: null, width: null, boxes: [] })
  })
})

test.each(['> ', '- ', '1. ', '[^a]: ', '- > '])(
  'reads Markdown that opens “%s” five thousand times on a line',
  async (mark) => {
    const pages = await read(`Before.\n\n${mark.repeat(5000)}deep\n\nAfter.\n`, 'text/markdown')
    const text = pages.map((page) => page.text).join('\n')
    for (const word of ['Before.', 'deep', 'After.']) expect(text).toContain(word)
  },
)

describe('plain text', () => {
  test('reads a log of hundreds of thousands of lines without a blank one', async () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => `${i}  ready`)
    const pages = await read(lines.join('\n'), 'text/plain')
    const text = pages.map((page) => page.text).join('\n')
    expect(text).toContain('\n199999  ready')
    expect(text.match(/ready/gu)).toHaveLength(lines.length)
  })

  test('takes lines over and under a title for marks of one title', async () => {
    const [page] = await read('=======\nLamps\n=======\nOil is stored in the shed.\n', 'text/plain')
    expect(page?.blocks.map(({ kind, start, end }) => [kind, page.text.slice(start, end)])).toEqual([
      ['heading', 'Lamps'],
      ['paragraph', 'Oil is stored in the shed.'],
    ])
  })

  test('joins lines wrapped by hand, and leaves all others', async () => {
    const [page] = await read(
      'Title here\n==========\n\nThis line was wrapped by somebody at a width of\nseventy characters or so, and it goes on in the\nnext one.\n\nRoses are red\nViolets are blue\n\nItem      Qty\nBolt      3\n',
      'text/plain',
    )
    expect(page?.blocks.map(({ kind, start, end }) => [kind, page.text.slice(start, end)])).toEqual([
      ['heading', 'Title here'],
      [
        'paragraph',
        'This line was wrapped by somebody at a width of seventy characters or so, and it goes on in the next one.',
      ],
      ['paragraph', 'Roses are red\nViolets are blue'],
      ['table', 'Item      Qty\nBolt      3'],
    ])
  })

  test.each([
    ['UTF-8', Buffer.from('Grüße aus Köln')],
    ['UTF-8 with a mark', Buffer.from('\uFEFFGrüße aus Köln')],
    ['UTF-16LE with a mark', utf16('Grüße aus Köln', false)],
    ['UTF-16BE with a mark', utf16('Grüße aus Köln', true)],
  ])('reads %s', async (_name, bytes) => {
    expect((await read(bytes, 'text/plain'))[0]?.text).toBe('Grüße aus Köln')
  })

  test.each([
    ['not_text', Buffer.from('a\0b')],
    ['empty', Buffer.from('')],
    ['empty', Buffer.from(' \n\t ')],
  ])('fails as %s', async (code, bytes) => {
    await expect(read(bytes, 'text/plain')).rejects.toMatchObject({ name: 'ParseFailure', code })
  })

  test('cuts long text into sections, and loses none of it', async () => {
    const paragraphs = Array.from(
      { length: 60 },
      (_, i) => `Paragraph ${i} ${'has some words and then some more '.repeat(i % 9)}end.`,
    )
    const pages = await read(paragraphs.join('\n\n'), 'text/plain')
    expect(pages.length).toBeGreaterThan(1)
    expect(pages.map((page) => page.ordinal)).toEqual(pages.map((_, i) => i + 1))
    expect(pages.every((page) => page.text.length <= 8000)).toBe(true)
    expect(pages.map((page) => page.text).join('\n\n')).toBe(paragraphs.join('\n\n'))
  })

  test('survives a megabyte in one line', async () => {
    const line = '字'.repeat(100_000) + '😀'.repeat(100_000) + 'word '.repeat(100_000)
    const pages = await read(line, 'text/plain')
    expect(
      pages
        .map((page) => page.text)
        .join('')
        .replaceAll(' ', ''),
    ).toBe(line.replaceAll(' ', ''))
    expect(pages.every((page) => page.text.isWellFormed())).toBe(true)
  })
})
