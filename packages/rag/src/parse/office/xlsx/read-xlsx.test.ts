import { describe, expect, test } from 'vitest'
import { xlsxBytes, type XlsxParts } from '../../testing/office-files.ts'
import { readBytes } from '../../testing/read-bytes.ts'
import { readXlsx } from './read-xlsx.ts'

const text = (ref: string, value: string) => `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`
const number = (ref: string, value: number | string, style = 0) => `<c r="${ref}" s="${style}"><v>${value}</v></c>`
const sheet = (rows: readonly string[], first = 1) =>
  `<sheetData>${rows.map((row, i) => `<row r="${i + first}">${row}</row>`).join('')}</sheetData>`
const read = async (xml: string, parts?: XlsxParts) =>
  (await readBytes(readXlsx, xlsxBytes([{ name: 'Plan', xml }], parts))).lines

describe('readXlsx', () => {
  test('reads sheets by name and order, shared strings, and formulas as calculated; hidden sheets are left out', async () => {
    const strings = '<si><t>Name</t></si><si><r><t>Two </t></r><r><t>runs</t></r><rPh sb="0"><t>reading</t></rPh></si>'
    const { lines } = await readBytes(
      readXlsx,
      xlsxBytes(
        [
          {
            name: 'Costs &amp; more',
            xml: `<dimension ref="A1:XFD1048576"/>${sheet([
              '<c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><f>A1</f><v>Sum</v></c>',
              '<c r="A2" t="s"><v>1</v></c><c r="B2"><f>1+1</f><v>2</v></c><c r="C2" t="b"><v>1</v></c><c r="D2" t="e"><v>#N/A</v></c>',
            ])}`,
          },
          { name: 'Secret', xml: sheet([text('A1', 'no')]), state: 'hidden' },
          { name: 'Worse', xml: sheet([text('A1', 'no')]), state: 'veryHidden' },
          { name: 'Last', xml: sheet([text('A1', 'a_x000D_\nb') + text('B1', 'c')]) },
        ],
        { strings },
      ),
    )
    expect(lines).toEqual([
      '[Costs & more]',
      'table: Name | Sum\nTwo runs | 2 | TRUE | #N/A',
      '[Last]',
      'table: a b | c',
    ])
  })

  test('takes titles, headers and blank rows for what they are', async () => {
    const xml = sheet([
      text('B1', 'Sales 2026'),
      text('C2', 'Q1') + text('D2', 'Q2'),
      text('B3', 'North') + number('C3', 1) + number('D3', 2),
      '',
      text('B5', 'South') + number('C5', 3) + number('D5', 4),
      text('B6', 'East') + number('C6', 5) + number('D6', 6),
      '',
      ...['Only', 'one', 'column', 'of', 'words'].map((word, i) => text(`A${i + 8}`, word)),
    ])
    expect(await read(xml)).toEqual([
      '[Plan]',
      'paragraph: Sales 2026',
      'table: – | Q1 | Q2\nNorth | 1 | 2',
      'table: – | Q1 | Q2\nSouth | 3 | 4\nEast | 5 | 6',
      'table: Only\none\ncolumn\nof\nwords',
    ])
  })

  test('fills cells that are merged downwards, also those without a row', async () => {
    const xml =
      sheet([
        text('A1', 'Region') + text('B1', 'City'),
        text('A2', 'North') + text('B2', 'York'),
        text('B3', 'Leeds'),
        text('A5', 'South') + text('B5', 'Bath'),
      ]) + '<mergeCells count="2"><mergeCell ref="A2:A4"/><mergeCell ref="C1:XFD1"/></mergeCells>'
    const rows = xml.replace('<row r="4">', '<row r="5">')
    expect(await read(rows)).toEqual(['[Plan]', 'table: Region | City\nNorth | York\nNorth | Leeds\nSouth | Bath'])
  })

  test('costs nothing for what is only claimed or far away', async () => {
    const xml = `<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576">${text('A1048576', 'far')}${text('XFD1048576', 'away')}</row><row r="9999999">${text('A1', 'x')}${text('ZZZZZZ1', 'y')}</row></sheetData>`
    expect(await read(xml)).toEqual(['[Plan]', 'table: far | away\nx | y'])
  })

  test('stops after so many cells and says so', async () => {
    const row = (r: number) =>
      `<row>${Array.from({ length: 100 }, (_, c) => `<c><v>${1000 + ((r * 7919 + c * 104_729) % 9000)}</v></c>`).join('')}</row>`
    const rows = Array.from({ length: 201 }, (_, r) => row(r)).join('')
    const { steps } = await readBytes(
      (path) => readXlsx(path, 20_000),
      xlsxBytes([
        { name: 'Wide', xml: `<sheetData>${rows}</sheetData>` },
        { name: 'Never', xml: sheet([text('A1', 'no')]) },
      ]),
    )
    expect(steps.at(-1)).toMatchObject({ warning: 'truncated', page: { label: 'Wide' } })
    expect(
      steps
        .map(({ page }) => page.text)
        .join('\n')
        .match(/[0-9]{4}/gu),
    ).toHaveLength(20_000)
  })

  test('keeps the sheets that can be read', async () => {
    const { lines } = await readBytes(
      readXlsx,
      xlsxBytes([
        { name: 'Broken', xml: `<sheetData><row r="1">${text('A1', 'a')}${text('B1', 'b')}</row><row><c></row>` },
        { name: 'Whole', xml: sheet([text('A1', 'c') + text('B1', 'd')]) },
      ]),
    )
    expect(lines).toEqual(['[Broken] page_unreadable', '[Whole]', 'table: c | d'])
    await expect(readBytes(readXlsx, xlsxBytes([{ name: 'Broken', xml: '<sheetData><c>' }]))).rejects.toMatchObject({
      code: 'damaged',
    })
    await expect(readBytes(readXlsx, xlsxBytes([{ name: 'Empty', xml: '' }]))).rejects.toMatchObject({ code: 'empty' })
  })
})
