/** Tried in this order; the first wins a tie. */
const DELIMITERS = [',', ';', '\t', '|'] as const
/** So many records tell how a file is made. */
const SAMPLE_RECORDS = 100

export interface Dialect {
  readonly delimiter: string
  /** Records before the table's first one: a report's title and date. */
  readonly preamble: number
  readonly hasHeader: boolean
}

/** How a table in text is written, by its beginning. */
export function dialectOf(head: string): Dialect {
  // Excel's own hint.
  const told = /^sep=(.)\r?\n/u.exec(head)?.[1]
  const samples = (told === undefined ? DELIMITERS : [told]).map((delimiter) => {
    const records = recordsOf(head, delimiter)
    const width = mode(records.map((record) => record.length))
    const regular = records.filter((record) => record.length === width).length / Math.max(1, records.length)
    return { delimiter, records, width, score: width < 2 ? 0 : regular }
  })
  const best = samples.reduce((one, other) => (other.score > one.score + 0.05 ? other : one))
  const { delimiter, records, width } = best
  const first = Math.max(
    0,
    records.findIndex((record) => record.length === width),
  )
  // A preamble is short; else the file is just ragged.
  const preamble = first <= 10 && width > 1 ? first : 0
  return { delimiter, preamble, hasHeader: hasHeader(records.slice(preamble)) }
}

/** Numbers, amounts, dates and times are values, never the name of a column. Years alone may be. */
const VALUE =
  /^[-+(]?[€$£¥]?\s*\d[\d.,'\s]*\)?\s*[%€$£¥]?$|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ]\d.*)?$|^\d{1,2}:\d{2}/u
const YEAR = /^(?:19|20)\d{2}$/u

function hasHeader([first, ...rest]: readonly (readonly string[])[]): boolean {
  if (first === undefined || rest.length === 0) return false
  const names = first.map((cell) => cell.trim())
  if (names.some((name) => VALUE.test(name) && !YEAR.test(name))) return false
  const filled = names.filter((name) => name !== '')
  // Columns have names of their own; a first corner may be empty.
  return filled.length >= names.length - 1 - Math.floor(names.length / 10) && new Set(filled).size === filled.length
}

/** Records of the beginning, the last one left out where it may be cut. Forgiving: what is no quote is a character. */
function recordsOf(head: string, delimiter: string): string[][] {
  const records: string[][] = []
  let record: string[] = []
  let cell = ''
  let isQuoted = false
  for (let at = 0; at < head.length && records.length < SAMPLE_RECORDS; at++) {
    const character = head.charAt(at)
    if (isQuoted) {
      if (character !== '"') cell += character
      else if (head.charAt(at + 1) === '"') {
        cell += '"'
        at++
      } else isQuoted = false
    } else if (character === '"' && cell.trim() === '') isQuoted = true
    else if (character === delimiter) {
      record.push(cell)
      cell = ''
    } else if (character === '\n' || character === '\r') {
      if (record.length > 0 || cell.trim() !== '') records.push([...record, cell])
      record = []
      cell = ''
    } else cell += character
  }
  if (records.length < SAMPLE_RECORDS && (records.length === 0 || cell !== '' || record.length > 0))
    records.push([...record, cell])
  return records
}

function mode(numbers: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1)
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0])[0]
}
