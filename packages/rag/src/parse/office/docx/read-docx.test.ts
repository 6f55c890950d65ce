import { describe, expect, test } from 'vitest'
import { docxBytes, wordParagraph as p } from '../../testing/office-files.ts'
import { readBytes } from '../../testing/read-bytes.ts'
import { zipBytes } from '../../testing/zip-bytes.ts'
import { readDocx } from './read-docx.ts'

const read = async (body: string, parts?: Parameters<typeof docxBytes>[1]) =>
  (await readBytes(readDocx, docxBytes(body, parts))).lines

const STYLES =
  '<w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>' +
  '<w:style w:styleId="Klausel"><w:name w:val="Clause"/><w:basedOn w:val="berschrift1"/><w:pPr><w:outlineLvl w:val="1"/><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>' +
  '<w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>'
const NUMBERING =
  '<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>' +
  '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1%2)"/></w:lvl></w:abstractNum>' +
  '<w:abstractNum w:abstractNumId="8"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl></w:abstractNum>' +
  '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>' +
  '<w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="10"/></w:lvlOverride></w:num>'
const item = (text: string, list: number, level = 0) =>
  p(text, `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${list}"/></w:numPr>`)
const cell = (text: string, properties = '') => `<w:tc><w:tcPr>${properties}</w:tcPr>${p(text)}</w:tc>`

describe('readDocx', () => {
  test('reads titles by style in any language, lists with their numbers, and counts on', async () => {
    const body =
      p('Leave', '<w:pStyle w:val="berschrift1"/>') +
      [
        item('first', 1),
        item('inner', 1, 1),
        item('inner two', 1, 1),
        item('second', 1),
        p('between'),
        item('third', 1),
      ].join('') +
      [item('dot', 2), item('ten', 3), item('eleven', 3), p('Scope', '<w:pStyle w:val="Klausel"/>')].join('') +
      p('Not listed', '<w:pStyle w:val="Klausel"/><w:numPr><w:numId w:val="0"/></w:numPr><w:outlineLvl w:val="9"/>')
    expect(await read(body, { styles: STYLES, numbering: NUMBERING })).toEqual([
      'heading1: Leave',
      'list: 3. first\n  3a) inner\n  3b) inner two\n4. second',
      'paragraph: between',
      'list: 5. third\n- dot\n10. ten\n11. eleven',
      'heading2: 11a) Scope',
      'heading2: Not listed',
    ])
  })

  test('leaves out what is not the text as it stands', async () => {
    const body =
      p('Contents 3', '<w:pStyle w:val="Verzeichnis1"/>') +
      '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr><w:sdtContent>' +
      `${p('Chapter 1 … 5')}</w:sdtContent></w:sdt><w:sdt><w:sdtContent>${p('In a field.')}</w:sdtContent></w:sdt>` +
      '<w:p><w:r><w:t>Paid</w:t></w:r><w:del><w:r><w:delText>un</w:delText><w:t>un</w:t></w:r></w:del><w:ins><w:r><w:tab/><w:t>leave</w:t></w:r></w:ins>' +
      '<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> now.</w:t></w:r>' +
      '<w:r><w:instrText>HYPERLINK "x"</w:instrText></w:r><w:r><w:br/><w:noBreakHyphen/><w:t>30&#xAD;days</w:t></w:r></w:p>' +
      '<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>' +
      `${p('A box')}</w:txbxContent></mc:Choice><mc:Fallback>${p('A box')}</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>around it</w:t></w:r></w:p>` +
      '<w:sectPr><w:headerReference r:id="h"/></w:sectPr>'
    expect(
      await read(body, {
        styles: STYLES,
        relations: [['h', 'header', 'header1.xml']],
        extra: [{ name: 'word/header1.xml', content: `<w:hdr xmlns:w="w">${p('Running header')}</w:hdr>` }],
      }),
    ).toEqual([
      'paragraph: In a field.',
      'paragraph: Paid leave now.\n-30days',
      'paragraph: A box',
      'paragraph: around it',
    ])
  })

  test('gives a table a line per row, merged cells filled downwards, and footnotes after their paragraph', async () => {
    const body =
      `<w:tbl><w:tr>${cell('Kind')}${cell('Price', '<w:gridSpan w:val="2"/>')}${cell('Note')}</w:tr>` +
      `<w:tr>${cell('Bolt', '<w:vMerge w:val="restart"/>')}${cell('1')}${cell('2')}${cell('')}</w:tr>` +
      `<w:tr>${cell('', '<w:vMerge/>')}${cell('3')}${cell('4')}${cell('x')}</w:tr></w:tbl>` +
      `<w:tbl><w:tr><w:tc>${p('Only a frame.')}</w:tc></w:tr></w:tbl>` +
      '<w:p><w:r><w:t>Thirty days</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t> a year.</w:t></w:r></w:p>'
    const footnotes = `<w:footnote w:type="separator" w:id="-1">${p('no')}</w:footnote><w:footnote w:id="2">${p('Since 2020.')}</w:footnote>`
    expect(await read(body, { footnotes })).toEqual([
      'table: Kind | Price |  | Note\nBolt | 1 | 2\nBolt | 3 | 4 | x',
      'paragraph: Only a frame.',
      'paragraph: Thirty days a year.',
      'paragraph: Since 2020.',
    ])
  })

  test('stands the header over each part of a long table', async () => {
    const rows = Array.from(
      { length: 1200 },
      (_, i) => `<w:tr>${cell(`Part ${i}`)}${cell('a price of some length')}</w:tr>`,
    )
    const { steps } = await readBytes(
      readDocx,
      docxBytes(`<w:tbl><w:tr>${cell('Name')}${cell('Price')}</w:tr>${rows.join('')}</w:tbl>`),
    )
    expect(steps.length).toBeGreaterThan(3)
    expect(steps.every(({ page }) => page.text.startsWith('Name | Price\nPart '))).toBe(true)
    const text = steps.map(({ page }) => page.text).join('\n')
    for (const i of [0, 499, 500, 1199]) expect(text.match(new RegExp(`^Part ${i} \\|`, 'gmu'))).toHaveLength(1)
  })

  test('says what it cannot read', async () => {
    const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)])
    for (const [bytes, code] of [
      [docxBytes(''), 'empty'],
      [docxBytes('', { extra: [{ name: 'word/media/a.png', content: 'x' }] }), 'no_text'],
      [docxBytes('<w:p><w:r><w:t>cut'), 'damaged'],
      [zipBytes([{ name: 'other/file', content: 'x' }]), 'unsupported_type'],
      [Buffer.from('PK\x03\x04 and no more'), 'damaged'],
      [compound, 'unsupported_type'],
      [Buffer.concat([compound, Buffer.from('EncryptedPackage', 'utf16le')]), 'encrypted'],
    ] as const)
      await expect(readBytes(readDocx, bytes)).rejects.toMatchObject({ code })
  })

  test('gives what stands before the damage, with a warning', async () => {
    expect(await read(`${p('Before.')}<w:p><w:r><w:t>&undefined;</w:t></w:r></w:p>`)).toEqual([
      '[] page_unreadable',
      'paragraph: Before.',
    ])
  })
})
