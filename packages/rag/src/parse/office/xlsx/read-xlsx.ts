import { ParseFailure, type ReadStep } from '../../parsed-page.ts'
import type { Source } from '../../source.ts'
import type { Piece } from '../../sections.ts'
import { mainPartOf } from '../relationships.ts'
import { stepsOf, type Unit } from '../unit-steps.ts'
import { xmlItems } from '../xml-events.ts'
import { withZip, type ZipArchive } from '../zip-archive.ts'
import { mergedCellsOf } from './merged-cells.ts'
import { sharedStringsOf, type SharedStrings } from './shared-strings.ts'
import { sheetPieces } from './sheet-pieces.ts'
import { rowHandler, type SheetRow } from './sheet-rows.ts'
import { readWorkbook, type Sheet, type Workbook } from './workbook.ts'

/** Cells of a workbook that are read. Four times a sheet of 100,000 rows and five columns; they take 15 s to read. */
const MOST_CELLS = 2_000_000

/**
 * Reads an Excel workbook (.xlsx, .xlsm; macros are not looked at): each sheet is sections with its name, its rows as
 * tables. Dates are ISO dates, numbers as they are shown, formulas as last calculated. Hidden sheets are left out, as
 * their author did for readers; hidden rows and columns are read, since filters hide rows all the time. Comments,
 * charts and pictures are not read.
 *
 * Its own reader of the XML as a stream, so that neither the file's claims nor its real size set what is held.
 * @throws ParseFailure `damaged`, `encrypted`, `empty`, `no_text`, `unpacks_too_large`
 */
export const readXlsx = (source: Source, mostCells = MOST_CELLS): AsyncGenerator<ReadStep> =>
  withZip(source, (zip) =>
    stepsOf(
      unitsOf(zip, mostCells),
      zip.names.some((name) => name.startsWith('xl/media/')),
    ),
  )

async function* unitsOf(zip: ZipArchive, mostCells: number): AsyncGenerator<Unit> {
  const workbook = await readWorkbook(zip, await mainPartOf(zip, 'xl/workbook.xml'))
  const strings = await sharedStringsOf(zip, workbook.strings)
  const budget = { cells: mostCells }
  for (const sheet of workbook.sheets) {
    if (budget.cells <= 0) return
    yield { label: sheet.name, pieces: piecesOf(zip, sheet, workbook, strings, budget) }
  }
}

async function* piecesOf(
  zip: ZipArchive,
  sheet: Sheet,
  workbook: Workbook,
  strings: SharedStrings,
  budget: { cells: number },
): AsyncGenerator<Piece | 'truncated'> {
  if (!zip.has(sheet.part)) throw new ParseFailure('damaged')
  let isMissing = false
  const sources = {
    format: (style: number) => workbook.format(style),
    string(index: number) {
      const text = strings.at(index)
      if (text === null) isMissing = true
      return text
    },
  }
  const pieces = sheetPieces(await mergedCellsOf(zip, sheet.part))
  for await (const row of xmlItems<SheetRow>(zip.stream(sheet.part), (emit) => rowHandler(sources, emit))) {
    budget.cells -= row.cells.size
    if (budget.cells < 0) break
    yield* pieces.add(row)
  }
  yield* pieces.end()
  if (budget.cells < 0 || (isMissing && strings.isCut)) yield 'truncated'
}
