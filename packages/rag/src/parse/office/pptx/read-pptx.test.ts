import { describe, expect, test } from 'vitest'
import { pptxBytes, slideShape as shape } from '../../testing/office-files.ts'
import { readBytes } from '../../testing/read-bytes.ts'
import { readPptx } from './read-pptx.ts'

const cell = (text: string, attributes = '') =>
  `<a:tc ${attributes}><a:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></a:txBody></a:tc>`

describe('readPptx', () => {
  test('reads slides in the order of the presentation: title, text, tables, notes', async () => {
    const { lines } = await readBytes(
      readPptx,
      pptxBytes([
        {
          xml:
            shape(['Second in the file'], 'body') +
            shape(['Plan', ' 2026'], 'title') +
            shape(['3'], 'sldNum') +
            shape(['1 May'], 'dt'),
          notes: shape(['Say hello.', 'Smile.'], 'body') + shape(['7'], 'sldNum'),
        },
        {
          xml:
            '<p:sp><p:nvSpPr><p:nvPr><p:ph idx="1"/></p:nvPr></p:nvSpPr><p:txBody><a:lstStyle><a:lvl1pPr><a:buNone/></a:lvl1pPr></a:lstStyle>' +
            '<a:p><a:r><a:t>One</a:t></a:r><a:br/><a:r><a:t>more</a:t></a:r></a:p><a:p><a:pPr lvl="1"><a:buAutoNum/></a:pPr><a:r><a:t>inner</a:t></a:r></a:p>' +
            '<a:p><a:pPr lvl="1"><a:buAutoNum/></a:pPr><a:r><a:t>inner two</a:t></a:r></a:p><a:p><a:pPr><a:buNone/></a:pPr><a:r><a:t>plain</a:t></a:r></a:p></p:txBody></p:sp>' +
            `<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tr>${cell('Kind')}${cell('Price', 'gridSpan="2"')}${cell('', 'hMerge="1"')}</a:tr>` +
            `<a:tr>${cell('Bolt', 'rowSpan="2"')}${cell('1')}${cell('2')}</a:tr><a:tr>${cell('', 'vMerge="1"')}${cell('3')}${cell('4')}</a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>` +
            `<p:grpSp>${shape(['In a group'])}</p:grpSp>`,
        },
        { xml: '<p:pic/>' },
        { xml: shape(['The end']) },
      ]),
    )
    expect(lines).toEqual([
      '[Slide 1]',
      'heading1: Plan',
      'heading1: 2026',
      'paragraph: Second in the file',
      'paragraph: Notes: Say hello.\nSmile.',
      '[Slide 2]',
      'list: - One more\n  1. inner\n  2. inner two',
      'paragraph: plain',
      'table: Kind | Price\nBolt | 1 | 2\nBolt | 3 | 4',
      'paragraph: In a group',
      '[Slide 4]',
      'paragraph: The end',
    ])
  })

  test('keeps the slides that can be read, and counts on', async () => {
    const { lines, steps } = await readBytes(
      readPptx,
      pptxBytes([
        { xml: shape(['One']) },
        { xml: null },
        { xml: `${shape(['Three'])}<p:sp>` },
        { xml: shape(['Four']) },
      ]),
    )
    expect(lines).toEqual([
      '[Slide 1]',
      'paragraph: One',
      '[Slide 2] page_unreadable',
      '[Slide 3] page_unreadable',
      '[Slide 4]',
      'paragraph: Four',
    ])
    expect(steps.map(({ page }) => [page.ordinal, page.text])).toEqual([
      [1, 'One'],
      [2, ''],
      [3, ''],
      [4, 'Four'],
    ])
  })

  test('says what it cannot read', async () => {
    await expect(readBytes(readPptx, pptxBytes([{ xml: null }]))).rejects.toMatchObject({ code: 'damaged' })
    await expect(readBytes(readPptx, pptxBytes([]))).rejects.toMatchObject({ code: 'empty' })
    const pictures = pptxBytes([{ xml: '<p:pic/>' }], [{ name: 'ppt/media/a.png', content: 'x' }])
    await expect(readBytes(readPptx, pictures)).rejects.toMatchObject({ code: 'no_text' })
  })
})
