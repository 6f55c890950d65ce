/** What stands between the cells of a row in a page's text (contracts, `pageBlock`). */
const SEPARATOR = ' | '
/** Stands for an empty first cell: a row that started with the separator would lose a column where space is trimmed. */
const EMPTY_FIRST = '–'

/**
 * The line of one row of a table, its cells in order; '' when all are empty. Cells become one line each, and lose the
 * spaces around a bar of their own, which would read as the next column. Empty cells at the end are left out.
 */
export function rowText(cells: readonly string[]): string {
  const tidy = cells.map((cell) =>
    cell
      .replace(/\s+/gu, ' ')
      .trim()
      .replace(/ ?\| ?/gu, '|'),
  )
  const last = tidy.findLastIndex((cell) => cell !== '')
  if (last === -1) return ''
  return [tidy[0] === '' ? EMPTY_FIRST : tidy[0], ...tidy.slice(1, last + 1)].join(SEPARATOR)
}

/** The cells of a line that `rowText` made. */
export const cellsOf = (line: string): string[] => line.split(SEPARATOR)
