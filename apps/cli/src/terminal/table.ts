import { printable } from '@quarry/contracts'

const segmenter = new Intl.Segmenter()
const WIDE = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}/u

/** Columns that text takes on a screen: East Asian characters and emoji take two, combining marks none. */
export const displayWidth = (text: string): number => {
  let width = 0
  for (const { segment } of segmenter.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - displayWidth(cell)))

/** Rows as aligned columns, two spaces apart, one line each, with a line break at the end. The last column is not padded. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const clean = rows.map((row) => row.map((cell) => printable(cell).replaceAll(/\s+/gu, ' ')))
  const widths: number[] = []
  for (const row of clean)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))
  return clean
    .map(
      (row) =>
        `${row.map((cell, column) => (column === row.length - 1 ? cell : pad(cell, widths[column] ?? 0))).join('  ')}\n`,
    )
    .join('')
}
