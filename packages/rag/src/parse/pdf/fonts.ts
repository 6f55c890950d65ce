import type { PDFPageProxy } from 'unpdf/pdfjs'

/** What a font tells about its glyphs. Widths are in thousandths of the font's size, or in any unit: only ratios are used. */
export interface Font {
  readonly widths: ReadonlyMap<string, number>
  /** Longest key of `widths`: ligatures stand for up to three letters. */
  readonly longest: number
  readonly bold: boolean
  readonly mono: boolean
}

const NO_FONT: Font = { widths: new Map(), longest: 1, bold: false, mono: false }

/**
 * Fonts by pdf.js' name for them, kept for the whole document. pdf.js hands a font over only with a page's operator
 * list, which costs as much as its text: it is asked for only on pages with a font not seen before.
 */
export class Fonts {
  readonly #known = new Map<string, Font>()

  async load(page: PDFPageProxy, names: readonly string[]): Promise<void> {
    if (names.every((name) => this.#known.has(name))) return
    await page.getOperatorList().catch(() => undefined)
    for (const name of names) {
      if (this.#known.has(name)) continue
      this.#known.set(name, page.commonObjs.has(name) ? fontOf(page.commonObjs.get(name)) : NO_FONT)
    }
  }

  get(name: string): Font {
    return this.#known.get(name) ?? NO_FONT
  }
}

/** Reads pdf.js' font object, whose extra properties (`fontExtraProperties`) have no types. */
function fontOf(source: unknown): Font {
  if (typeof source !== 'object' || source === null) return NO_FONT
  const name = stringIn(source, 'name') ?? ''
  const widths = new Map<string, number>()
  const byCode: unknown = Reflect.get(source, 'widths')
  const unicode: unknown = Reflect.get(source, 'toUnicode')
  const map: unknown = typeof unicode === 'object' && unicode !== null ? Reflect.get(unicode, '_map') : undefined
  const fallback = numberIn(source, 'defaultWidth')
  if (typeof byCode === 'object' && byCode !== null) {
    const codes = typeof map === 'object' && map !== null ? Object.keys(map) : Object.keys(byCode)
    for (const code of codes) {
      const text: unknown =
        typeof map === 'object' && map !== null ? Reflect.get(map, code) : String.fromCodePoint(Number(code))
      const width = numberIn(byCode, code) ?? fallback
      if (typeof text === 'string' && text !== '' && width !== undefined && width > 0 && !widths.has(text))
        widths.set(text, width)
    }
  }
  let longest = 1
  for (const text of widths.keys()) if (text.length > longest && text.length <= 4) longest = text.length
  const bold =
    Reflect.get(source, 'bold') === true ||
    Reflect.get(source, 'black') === true ||
    /bold|black|heavy|semibold|demi|CMBX|CMSSBX|(?:^|[-,])B(?:d|I)?$/iu.test(name)
  const mono =
    Reflect.get(source, 'isMonospace') === true ||
    /mono|courier|typewriter|consol|CMTT|SLTT|ITTT|menlo|fixed/iu.test(name)
  return { widths, longest, bold, mono }
}

const stringIn = (from: object, key: string) => {
  const value: unknown = Reflect.get(from, key)
  return typeof value === 'string' ? value : undefined
}
const numberIn = (from: object, key: string) => {
  const value: unknown = Reflect.get(from, key)
  return typeof value === 'number' ? value : undefined
}
