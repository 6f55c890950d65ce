import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ParseFailure } from '../parsed-page.ts'
import { readRtf } from './read-rtf.ts'

async function blocks(rtf: string): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const { page } of readRtf(Buffer.from(rtf, 'latin1')))
    for (const { kind, level, start, end } of page.blocks)
      found.push([level === undefined ? kind : `${kind} ${level}`, page.text.slice(start, end)])
  return found
}

const HEAD =
  '{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\froman Times;}{\\f1\\fcharset204 Arial Cyr;}{\\f2\\fcharset128 MS Mincho;}}{\\colortbl;\\red0;}{\\stylesheet{\\s0 Normal;}{\\s1\\outlinelevel0 heading 1;}{\\*\\cs10 Char;}{\\s5 heading 2;}}{\\info{\\title Secret}}'

describe('RTF', () => {
  test('has paragraphs, titles, lists and tables', async () => {
    expect(
      await blocks(
        `${HEAD}{\\header Page 1\\par}\\pard\\s1 Leave \\b policy\\b0\\par\\pard\\s5 Days\\par\\pard You get {\\b 30} days\\line of leave.\\par` +
          "\\pard{\\listtext\\f0 \\'b7\\tab}Ask first\\par{\\listtext 2.\\tab}Then go\\par" +
          '\\trowd\\cellx1\\cellx2\\pard\\intbl Day\\cell Pay\\cell\\row\\trowd\\pard\\intbl Mon\\par am\\cell full\\cell\\row\\pard\r\nEnd.\\par}',
      ),
    ).toEqual([
      ['heading 1', 'Leave policy'],
      ['heading 2', 'Days'],
      ['paragraph', 'You get 30 days\nof leave.'],
      ['list', '- Ask first\n2. Then go'],
      ['table', 'Day | Pay\nMon am | full'],
      ['paragraph', 'End.'],
    ])
  })

  test('has characters of code pages, fonts and Unicode', async () => {
    expect(
      await blocks(
        `${HEAD}\\pard Gr\\'fc\\'dfe \\endash  \\u8364 ? \\uc2\\u26085\\'93\\'fa\\uc1 \\u-10179?\\u-8694? {\\f1\\'cf\\'f0\\'e8} {\\f2\\'96\\'bc\\'91\\'4f} a\\~b \\{x\\} un\\-til\\par}`,
      ),
    ).toEqual([['paragraph', 'Grüße – € 日😊 При 名前 a b {x} until']])
  })

  test('shows what a field gives, no pictures, binary data, hidden text or instructions', async () => {
    expect(
      await blocks(
        `${HEAD}\\pard See {\\field{\\*\\fldinst HYPERLINK "http://x.test"}{\\fldrslt the page}}{\\pict\\pngblip 89504e47}{\\*\\unknown gone}{\\v hidden}{\\object{\\*\\objdata 00}{\\result shown}}{\\pict\\bin4 {{}}}.\\par}`,
      ),
    ).toEqual([['paragraph', 'See the pageshown.']])
  })

  test('survives groups without end, and depth', { timeout: 60_000 }, async () => {
    expect(await blocks(`{\\rtf1 ${'{'.repeat(300_000)}deep`)).toEqual([['paragraph', 'deep']])
    expect(await blocks(`{\\rtf1 a${'}'.repeat(1000)} b\\`)).toEqual([['paragraph', 'a b']])
  })

  test.each([
    ['empty', '{\\rtf1\\ansi{\\fonttbl{\\f0 X;}}\\par}'],
    ['damaged', 'rtf'],
  ])('fails as %s', async (code, rtf) => {
    await expect(blocks(rtf)).rejects.toMatchObject({ name: 'ParseFailure', code })
  })

  test('of any controls is read, or fails for a reason', { timeout: 60_000 }, async () => {
    const part = fc.constantFrom(
      ...[
        '{',
        '}',
        '\\par',
        '\\cell',
        '\\row',
        '\\intbl',
        '\\u',
        '\\u-1',
        "\\'f",
        "\\'fc",
        '\\*',
        '\\bin99',
        '\\bin-5',
        '\\f9',
        '\\uc-3',
        '\\ansicpg1',
        '\\fonttbl',
        '\\listtext',
        '\\stylesheet',
        ' a ',
        '\\',
        '\u0000',
      ],
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        try {
          for (const block of await blocks(`{\\rtf1 ${parts.join('')}`)) expect(String(block)).not.toContain('\0')
        } catch (error) {
          expect(error).toBeInstanceOf(ParseFailure)
        }
      }),
      { numRuns: 300 },
    )
  })
})
