/** Labels of the Encoding Standard by number of code page (RTF 1.9.1, \ansicpg). */
const CODE_PAGES: Readonly<Record<number, string>> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  1250: 'windows-1250',
  1251: 'windows-1251',
  1253: 'windows-1253',
  1254: 'windows-1254',
  1255: 'windows-1255',
  1256: 'windows-1256',
  1257: 'windows-1257',
  1258: 'windows-1258',
  10_000: 'macintosh',
  65_001: 'utf-8',
}
/** Code pages by number of character set (\fcharset). 0 and 1 are the document's own. */
const CHARACTER_SETS: Readonly<Record<number, number>> = {
  ...{ 77: 10_000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256 },
  ...{ 186: 1257, 204: 1251, 222: 874, 238: 1250 },
}

/** Western where the page is unknown, as programs take it. */
export const labelOfCodePage = (page: number): string => CODE_PAGES[page] ?? 'windows-1252'

/** Null for a font of the document's own code page. */
export const labelOfCharacterSet = (set: number): string | null => {
  const page = CHARACTER_SETS[set]
  return page === undefined ? null : labelOfCodePage(page)
}
