import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { MediaType } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createParserPool, type ParserPool } from './pool.ts'

/** In the process that reads uploads, with its rights and its cap. */
let folder: string
let pool: ParserPool
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-formats-'))
  pool = createParserPool({
    limits: { memoryMb: 512, timeoutMs: 60_000 },
    processes: 1,
    folder: path.join(folder, 'parse'),
  })
})
afterAll(async () => {
  await pool.close()
  await rm(folder, { recursive: true })
})

async function read(mediaType: MediaType, content: string | Uint8Array) {
  const file = path.join(folder, 'file')
  await writeFile(file, content)
  const sections: { label: string | null; text: string; warning: string | null }[] = []
  for await (const step of pool.read({ path: file, mediaType }, new AbortController().signal))
    if ('page' in step)
      sections.push({ label: step.page.label ?? null, text: step.page.text, warning: step.warning ?? null })
  return sections
}

const MAIL = `From: Anna <anna@example.com>\r\nSubject: Prices\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<p>See below.</p>\r\n${[
  ['prices.csv', 'item;price\nbolt;3'],
  ['page.html', '<h1>Bolts</h1><p>All of steel.'],
  ['letter.rtf', '{\\rtf1 Dear Bob}'],
  ['run.py', 'def run():\n    pass'],
]
  .map(
    ([name, content]) =>
      `--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(content ?? '').toString('base64')}\r\n`,
  )
  .join('')}--x--`

describe('the parser process reads', () => {
  const one = (text: string, warning: string | null = null) => [{ label: null, text, warning }]
  test.each<[MediaType, string | Uint8Array, unknown]>([
    ['text/plain', Buffer.from('Gr\xfc\xdfe aus K\xf6ln', 'latin1'), one('Grüße aus Köln', 'encoding_guessed')],
    ['text/markdown', '# Bolts\n\n| a | b |\n|---|---|\n| 1 | 2 |', one('Bolts\n\na | b\n1 | 2')],
    ['text/html', '<title>Bolts</title><main><p>All of <b>steel</b>.', one('Bolts\n\nAll of steel.')],
    ['text/csv', 'item,price\nbolt,3\n', one('item | price\nbolt | 3')],
    ['text/x-source-code', 'def run():\n\tpass\n', one('def run():\n    pass')],
    ['application/rtf', "{\\rtf1\\ansi Gr\\'fc\\'dfe\\par}", one('Grüße')],
    [
      'message/rfc822',
      MAIL,
      [
        {
          label: null,
          text: 'Prices\n\nFrom: Anna <anna@example.com>\nAttachments: prices.csv, page.html, letter.rtf, run.py\n\nSee below.',
          warning: null,
        },
        { label: 'prices.csv', text: 'item | price\nbolt | 3', warning: null },
        { label: 'page.html', text: 'Bolts\n\nAll of steel.', warning: null },
        { label: 'letter.rtf', text: 'Dear Bob', warning: null },
        { label: 'run.py', text: 'def run():\n    pass', warning: null },
      ],
    ],
  ])('%s', { timeout: 60_000 }, async (mediaType, content, expected) => {
    expect(await read(mediaType, content)).toEqual(expected)
  })

  test('a table of a hundred thousand rows within its memory', { timeout: 60_000 }, async () => {
    const rows = Array.from(
      { length: 100_000 },
      (_, i) => `${i},Bolt of size ${i % 90},"shelf ${i % 7}, left",${i * 3}\n`,
    )
    const sections = await read('text/csv', `id,what,place,price\n${rows.join('')}`)
    expect(sections.every(({ text }) => text.startsWith('id | what | place | price\n'))).toBe(true)
    expect(sections.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0)).toBe(100_000)
    expect(sections.at(-1)).toMatchObject({
      warning: null,
      text: expect.stringMatching(/\n99999 \| Bolt of size 9 \| shelf 4, left \| 299997$/u),
    })
  })
})
