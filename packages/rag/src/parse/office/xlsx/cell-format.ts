/** Turns the number of a cell into what a spreadsheet shows. */
export type CellFormat = (value: number) => string

/** Numbers as the format "General" shows them: 15 digits count, so that 0.1 + 0.2 is 0.3. */
const general: CellFormat = (value) => String(Number(value.toPrecision(15)))

/** Built-in formats whose codes are not in the file (ECMA-376 part 1, 18.8.30); those of East Asia are dates all. */
const BUILT_IN: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  14: 'yyyy-mm-dd',
  15: 'yyyy-mm-dd',
  16: 'yyyy-mm-dd',
  17: 'yyyy-mm',
  18: 'h:mm',
  19: 'h:mm:ss',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'yyyy-mm-dd h:mm',
  37: '#,##0',
  38: '#,##0',
  39: '#,##0.00',
  40: '#,##0.00',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss',
}
const isEastAsianDate = (id: number) => (id >= 27 && id <= 36) || (id >= 50 && id <= 58)

const MOST_DECIMALS = 15
/** No format that a person wrote is longer. */
const LONGEST_CODE = 255

/**
 * The format of a style. Dates are ISO 8601 whatever their order on the screen, so that they can be searched for and
 * compared; percent, thousands, decimals and currency are as shown; anything cleverer gives the plain number.
 * @param code of a format of the file's own; the built-in one of `id` when there is none
 * @param is1904 days count from 1904, as in files of old Macs
 */
export function cellFormat(id: number, code: string | undefined, is1904: boolean): CellFormat {
  const source = code ?? BUILT_IN[id] ?? (isEastAsianDate(id) ? 'yyyy-mm-dd' : '')
  if (source.length > LONGEST_CODE || /^(?:general|standard)\b/iu.test(source)) return general
  // Sections for negative numbers and zero follow the first; colours and conditions say nothing of the value.
  const [first = ''] = splitOutsideQuotes(source)
  const bare = first.replace(/"[^"]*"|\\.|_.|\*./gu, '').replace(/\[(?![hms]+\])[^\]]*\]/giu, '')
  if (/[ymdhse]/iu.test(bare) && !/[0#?]/u.test(bare.replace(/s\.0+/giu, '')))
    return dateFormat(bare.toLowerCase(), is1904)
  return numberFormat(first, bare)
}

function splitOutsideQuotes(code: string): string[] {
  return code
    .replace(/"[^"]*"|\\./gu, (quoted) => quoted.replaceAll(';', '\u0001'))
    .split(';')
    .map((part) => part.replaceAll('\u0001', ';'))
}

function numberFormat(code: string, bare: string): CellFormat {
  const pattern = /[#0?,]*[0#?](?:\.([0#?]*))?/u.exec(bare)
  if (pattern === null || /[e/@]/iu.test(bare) || /[#0?],(?![#0?])/u.test(bare)) return general
  const decimals = Math.min(MOST_DECIMALS, pattern[1]?.length ?? 0)
  const fewest = Math.min(decimals, pattern[1]?.match(/0/gu)?.length ?? 0)
  const isPercent = bare.includes('%')
  const whole = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: fewest,
    maximumFractionDigits: decimals,
    minimumIntegerDigits: Math.min(15, Math.max(1, pattern[0].split('.')[0]?.match(/0/gu)?.length ?? 1)),
    useGrouping: pattern[0].includes(','),
  })
  const [before, after] = aroundDigits(code)
  return (value) => {
    const shown = whole.format(isPercent ? value * 100 : Math.abs(value) < 1e15 ? value : Number(value.toPrecision(15)))
    const [sign, digits] = shown.startsWith('-') ? ['-', shown.slice(1)] : ['', shown]
    return `${sign}${before}${digits}${isPercent ? '%' : ''}${after}`
  }
}

/** Currency and units that stand before and after the number. */
function aroundDigits(code: string): [string, string] {
  const literal = code
    .replace(/\[\$([^\]-]*)[^\]]*\]/gu, '"$1"')
    .replace(/\[[^\]]*\]|[_*]./gu, '')
    .replace(/%/gu, '')
  const first = literal.search(/[#0?](?=(?:[^"]*"[^"]*")*[^"]*$)/u)
  if (first === -1) return ['', '']
  const last = literal.search(/[^#0?.,](?:[^"]*"[^"]*")*[^#0?"]*$/u)
  const tail = literal.slice(first).replace(/^[#0?.,]+/u, '')
  const plain = (text: string) => text.replace(/["\\]/gu, '').replace(/[()]/gu, '')
  return last === -1 && tail === ''
    ? [plain(literal.slice(0, first)), '']
    : [plain(literal.slice(0, first)), plain(tail).trimEnd()]
}

const DAY_MS = 86_400_000
const EPOCH_1900 = Date.UTC(1899, 11, 30)
const EPOCH_1904 = Date.UTC(1904, 0, 1)
/** The last day that Excel knows, 9999-12-31. */
const LAST_DAY = 2_958_465

function dateFormat(code: string, is1904: boolean): CellFormat {
  const hasDay = /[yde]/u.test(code) || (code.includes('m') && !/[hs]/u.test(code))
  const hasTime = /[hs]/u.test(code)
  const hasSeconds = code.includes('s')
  return (value) => {
    if (value < 0 || value > LAST_DAY) return general(value)
    const seconds = Math.round((value % 1) * 86_400)
    // Excel has a 29 February 1900 that never was: days before it are one off.
    const day = Math.floor(value) + (is1904 || value >= 60 || value < 1 ? 0 : 1)
    const date = new Date((is1904 ? EPOCH_1904 : EPOCH_1900) + day * DAY_MS + seconds * 1000).toISOString()
    if (!hasDay) return clock(Math.round(value * 86_400), hasSeconds)
    const shownTime = hasTime ? ` ${date.slice(11, hasSeconds ? 19 : 16)}` : ''
    return (
      (/d/u.test(code) || hasTime || !/y/u.test(code) ? date.slice(0, 10) : date.slice(0, /m/u.test(code) ? 7 : 4)) +
      shownTime
    )
  }
}

/** A time of day or a duration, which may have more than 24 hours. */
function clock(total: number, hasSeconds: boolean): string {
  const two = (count: number) => String(count).padStart(2, '0')
  const minutes = Math.floor(total / 60)
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}${hasSeconds ? `:${two(total % 60)}` : ''}`
}
