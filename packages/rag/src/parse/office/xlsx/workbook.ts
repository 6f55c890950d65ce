import { relationshipsOf } from '../relationships.ts'
import { readXml } from '../xml-events.ts'
import type { ZipArchive } from '../zip-archive.ts'
import { cellFormat, type CellFormat } from './cell-format.ts'

export interface Sheet {
  readonly name: string
  readonly part: string
}

export interface Workbook {
  /** Those that can be seen, in the order of their tabs. */
  readonly sheets: readonly Sheet[]
  readonly strings: string | undefined
  format(style: number): CellFormat
}

/** What names of sheets are shortened to: a label, not a text. Excel allows 31. */
const LONGEST_NAME = 100

export async function readWorkbook(zip: ZipArchive, main: string): Promise<Workbook> {
  const relations = await relationshipsOf(zip, main)
  const partOf = (type: string) => [...relations.values()].find((relation) => relation.type === type)?.target
  const sheets: Sheet[] = []
  let is1904 = false
  await readXml(zip.stream(main), {
    open(name, attributes, relation) {
      if (name === 'workbookPr') is1904 = ['1', 'true'].includes(attributes['date1904'] ?? '')
      if (name !== 'sheet' || (attributes['state'] ?? 'visible') !== 'visible') return
      const target = relations.get(relation ?? '')
      // Sheets of nothing but a chart have another type.
      if (target?.type === 'worksheet')
        sheets.push({ name: (attributes['name'] ?? '').slice(0, LONGEST_NAME), part: target.target })
    },
  })
  const styles = partOf('styles')
  return {
    sheets,
    strings: partOf('sharedStrings'),
    format: await formatsOf(zip, styles !== undefined && zip.has(styles) ? styles : null, is1904),
  }
}

async function formatsOf(
  zip: ZipArchive,
  part: string | null,
  is1904: boolean,
): Promise<(style: number) => CellFormat> {
  const codes = new Map<number, string>()
  const ids: number[] = []
  let inCells = false
  if (part !== null)
    await readXml(zip.stream(part), {
      open(name, { numFmtId, formatCode }) {
        if (name === 'cellXfs') inCells = true
        else if (name === 'numFmt') codes.set(Number(numFmtId), formatCode ?? '')
        else if (name === 'xf' && inCells) ids.push(Number(numFmtId ?? '0'))
      },
      close(name) {
        if (name === 'cellXfs') inCells = false
      },
    })
  const made = new Map<number, CellFormat>()
  return (style) => {
    const id = ids[style] ?? 0
    const known = made.get(id)
    if (known !== undefined) return known
    const format = cellFormat(id, codes.get(id), is1904)
    made.set(id, format)
    return format
  }
}
