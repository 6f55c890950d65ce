import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ParseFailure, type ReadStep } from '../parsed-page.ts'
import { cellsOf } from '../table-text.ts'
import { MOST_ROWS, readCsv } from './read-csv.ts'

let folder: string
let file: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'quarry-csv-'))
  file = path.join(folder, 'file.csv')
})
afterAll(() => rm(folder, { recursive: true }))

async function steps(content?: string | Uint8Array): Promise<ReadStep[]> {
  if (content !== undefined) await writeFile(file, content)
  const read: ReadStep[] = []
  for await (const step of readCsv(file)) read.push(step)
  return read
}
const text = async (content: string | Uint8Array) => (await steps(content)).map(({ page }) => page.text).join('\n---\n')

describe('a table in text', () => {
  test.each([
    ['commas', 'Item,Qty\n"Bolt, long",3\n"the ""big"" one",4\n'],
    ['semicolons', 'Item;Qty\r\nBolt, long;3\r\n"the ""big"" one";4'],
    ['tabs', 'Item\tQty\nBolt, long\t3\nthe "big" one\t4\n'],
    ['bars', 'Item|Qty\nBolt, long|3\nthe "big" one|4\n'],
    ["Excel's hint", 'sep=;\nItem;Qty\nBolt, long;3\nthe "big" one;4\n'],
  ])('is read with %s', async (_name, content) => {
    expect(await text(content)).toBe('Item | Qty\nBolt, long | 3\nthe "big" one | 4')
  })

  test('keeps ragged rows, lines in cells, and empty cells', async () => {
    expect(await text('a,b,c\n1,2\n3,,"4\n5",6,7\n\n,,\n,8,9\n')).toBe(
      'a | b | c\n1 | 2\n3 |  | 4 5 | 6 | 7\n– | 8 | 9',
    )
  })

  test('gets names for its columns where it has none', async () => {
    expect(await text('1,Bolt,3.5\n2,Nut,4.5\n')).toBe('Column 1 | Column 2 | Column 3\n1 | Bolt | 3.5\n2 | Nut | 4.5')
    expect(await text('2024-01-01;5\n2024-01-02;6')).toContain('Column 1 | Column 2')
    expect(await text('Country;2023;2024\nNorway;5;6')).toBe('Country | 2023 | 2024\nNorway | 5 | 6')
  })

  test('may have a title above', async () => {
    const [step] = await steps('Stock report\nMarch 2026\n\nItem,Qty,Place\nBolt,3,A1\nNut,4,A2\nPin,5,A3\n')
    expect(step?.page.blocks.map(({ kind, start, end }) => [kind, step.page.text.slice(start, end)])).toEqual([
      ['paragraph', 'Stock report'],
      ['paragraph', 'March 2026'],
      ['table', 'Item | Qty | Place\nBolt | 3 | A1\nNut | 4 | A2\nPin | 5 | A3'],
    ])
  })

  test('is read to its end when a quote never ends', { timeout: 60_000 }, async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},some thing ${i}\n`)
    const read = await text(`id,what\n1,"fine"\n2,"open\n${rows.join('')}`)
    expect(read).toContain('1 | fine\n2 | "open\n0 | some thing 0\n')
    expect(read).toContain('\n59999 | some thing 59999')
  })

  test('is read in Shift-JIS of a few bytes, which is said', async () => {
    const [step] = await steps(Buffer.from('96bc914f2c944e97ee2c8f5a8f8a0a8db293a191be98592c33302c938c8b9e0a', 'hex'))
    expect(step?.page.text).toBe('名前 | 年齢 | 住所\n佐藤太郎 | 30 | 東京')
    expect(step?.warning).toBe('encoding_guessed')
  })

  test('may turn from ASCII to another encoding after megabytes', { timeout: 60_000 }, async () => {
    const rows = 'id;what\n' + '1;plain\n'.repeat(100_000)
    const latin = await steps(Buffer.concat([Buffer.from(rows), Buffer.from('2;Gr\xfc\xdfe aus K\xf6ln\n', 'latin1')]))
    expect(latin[0]?.warning).toBe('encoding_guessed')
    expect(latin.at(-1)?.page.text).toMatch(/2 \| Grüße aus Köln$/u)
    const utf8 = await steps(`${rows}2;Grüße aus Köln\n`)
    expect(utf8[0]?.warning).toBeUndefined()
    expect(utf8.at(-1)?.page.text).toMatch(/2 \| Grüße aus Köln$/u)
  })

  test.each([
    ['empty', ''],
    ['empty', ' \n\n ,,\n'],
    ['not_text', 'a,b\n\0,2\n'],
  ])('fails as %s', async (code, content) => {
    await expect(steps(content)).rejects.toMatchObject({ name: 'ParseFailure', code })
  })

  test(
    'with more rows than the bound ends there, with a warning; one of just as many does not',
    { timeout: 60_000 },
    async () => {
      const out = createWriteStream(file)
      out.write('id,name\n')
      for (let i = 0; i < MOST_ROWS; i++) if (!out.write(`${i},item ${i}\n`)) await once(out, 'drain')
      out.end()
      await once(out, 'finish')
      const whole = await steps()
      expect(whole.at(-1)?.warning).toBeUndefined()
      expect(whole.at(-1)?.page.text).toMatch(new RegExp(`\n${MOST_ROWS - 1} \\| item`, 'u'))
      expect(whole.every(({ page }) => page.text.startsWith('id | name\n') && page.text.length <= 8000)).toBe(true)
      await writeFile(file, 'last,one\n', { flag: 'a' })
      const cut = await steps()
      expect(cut.filter(({ warning }) => warning !== undefined).map(({ warning }) => warning)).toEqual(['truncated'])
      expect(cut.at(-1)).toMatchObject({ warning: 'truncated' })
      expect(cut).toHaveLength(whole.length)
    },
  )

  test('gives back the cells that were written', { timeout: 60_000 }, async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'b ', '"', ',', ';', '\n', 'é', '字', '9', '|'), maxLength: 8 })
    const rows = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 })
    const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`
    await fc.assert(
      fc.asyncProperty(rows, async (written) => {
        const read = await text(
          `"first","second","third"\n${written.map((row) => row.map(quoted).join(',')).join('\n')}\n`,
        )
        const expected = written
          .map((row) =>
            row.map((value) =>
              value
                .replace(/\s+/gu, ' ')
                .trim()
                .replace(/ ?\| ?/gu, '|'),
            ),
          )
          .filter((row) => row.some((value) => value !== ''))
          .map((row) => [row[0] === '' ? '–' : row[0], ...row.slice(1, row.findLastIndex((value) => value !== '') + 1)])
        expect(read.split('\n').slice(1).map(cellsOf)).toEqual(expected)
      }),
      { numRuns: 60 },
    )
  })

  test('of any bytes is read, or fails for a reason', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (bytes) => {
        try {
          for (const { page } of await steps(bytes))
            for (const { start, end } of page.blocks) expect(page.text.slice(start, end).trim()).not.toBe('')
        } catch (error) {
          expect(error).toBeInstanceOf(ParseFailure)
        }
      }),
      { numRuns: 60 },
    )
  })
})
