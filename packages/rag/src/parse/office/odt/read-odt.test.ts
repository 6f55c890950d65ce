import { describe, expect, test } from 'vitest'
import { odtBytes } from '../../testing/office-files.ts'
import { readBytes } from '../../testing/read-bytes.ts'
import { readOdt } from './read-odt.ts'

const p = (text: string, style = 'Standard') => `<text:p text:style-name="${style}">${text}</text:p>`
const STYLES =
  '<style:style style:name="P1" style:parent-style-name="Title"/>' +
  '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-suffix="." style:num-format="1"/>' +
  '<text:list-level-style-bullet text:level="2"/></text:list-style>'
const cell = (text: string, attributes = '') => `<table:table-cell ${attributes}>${p(text)}</table:table-cell>`

describe('readOdt', () => {
  test('reads titles, lists, tables and notes', async () => {
    const text =
      `<text:sequence-decls/>${p('The plan', 'P1')}<text:h text:outline-level="2">Leave<text:s text:c="999999999"/>days</text:h>` +
      `<text:list text:style-name="L1"><text:list-item>${p('first')}<text:list><text:list-item>${p('inner')}</text:list-item></text:list></text:list-item>` +
      `<text:list-item>${p('second')}${p('its end')}</text:list-item></text:list>${p('between')}` +
      `<text:list text:style-name="L1" text:continue-numbering="true"><text:list-item>${p('third')}</text:list-item></text:list>` +
      p(
        'Thirty<text:tab/>days<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Since 2020.</text:p></text:note-body></text:note>.<text:line-break/>Always.',
      ) +
      `<table:table><table:table-row>${cell('Kind')}${cell('Price', 'table:number-columns-spanned="2"')}<table:covered-table-cell/></table:table-row>` +
      `<table:table-row>${cell('Bolt', 'table:number-rows-spanned="2"')}${cell('1')}${cell('2')}</table:table-row>` +
      `<table:table-row><table:covered-table-cell/>${cell('3')}${cell('4')}<table:table-cell table:number-columns-repeated="99999"/></table:table-row></table:table>`
    expect((await readBytes(readOdt, odtBytes(text, { styles: STYLES }))).lines).toEqual([
      'heading1: The plan',
      'heading2: Leave days',
      'list: 1. first\n  - inner\n2. second\n  its end',
      'paragraph: between',
      'list: 3. third',
      'paragraph: Thirty days.\nAlways.',
      'paragraph: Since 2020.',
      'table: Kind | Price\nBolt | 1 | 2\nBolt | 3 | 4',
    ])
  })

  test('leaves out what is not the text as it stands', async () => {
    const text =
      `<text:tracked-changes><text:deletion>${p('gone')}</text:deletion></text:tracked-changes>` +
      `<text:table-of-content>${p('Leave … 3')}</text:table-of-content>` +
      p('Here<office:annotation><text:p>a comment</text:p></office:annotation>.')
    expect((await readBytes(readOdt, odtBytes(text))).lines).toEqual(['paragraph: Here.'])
  })

  test('says what it cannot read', async () => {
    const manifest = '<manifest><file-entry><encryption-data/></file-entry></manifest>'
    const locked = odtBytes(p('x'), { extra: [{ name: 'META-INF/manifest.xml', content: manifest }] })
    await expect(readBytes(readOdt, locked)).rejects.toMatchObject({ code: 'encrypted' })
    await expect(readBytes(readOdt, odtBytes(''))).rejects.toMatchObject({ code: 'empty' })
    await expect(readBytes(readOdt, odtBytes('<text:p>'))).rejects.toMatchObject({ code: 'damaged' })
  })
})
