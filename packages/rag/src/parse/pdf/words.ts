import type { PDFPageProxy } from 'unpdf/pdfjs'
import { isUnspaced, readable } from '../characters.ts'
import type { Font, Fonts } from './fonts.ts'

/**
 * A run of characters without space, at its place in a frame whose x axis is the direction of writing and whose y axis
 * points down; the frame of upright text is the page, in points from its top left corner.
 */
export interface Word {
  readonly text: string
  readonly x0: number
  readonly x1: number
  /** The baseline. */
  readonly y: number
  /** Height of the font, and how much of it is above and below the baseline. */
  readonly size: number
  readonly ascent: number
  readonly descent: number
  readonly bold: boolean
  readonly mono: boolean
  readonly rtl: boolean
  /** A space was drawn (or meant, by pdf.js' reckoning) in front of it. */
  readonly spaced: boolean
}

/** All text that runs in one direction; `angle` is in degrees, clockwise as seen on the page. */
export interface Frame {
  readonly angle: number
  readonly words: Word[]
}

interface Glyph {
  readonly text: string
  readonly x0: number
  readonly x1: number
}

/** The words of a page by direction of writing, the direction with the most text first. */
export async function wordsOf(page: PDFPageProxy, fonts: Fonts): Promise<Frame[]> {
  const viewport = page.getViewport({ scale: 1 })
  const [a, b, c, d, e, f] = viewport.transform as [number, number, number, number, number, number]
  const unit = Math.hypot(a, b)
  const content = await page.getTextContent({ disableNormalization: true, includeMarkedContent: false })
  const items = content.items.filter((item) => 'str' in item)
  await fonts.load(page, [...new Set(items.filter((item) => item.str.trim() !== '').map((item) => item.fontName))])

  const frames = new Map<number, Word[]>()
  let spaced = false
  for (const item of items) {
    const t = item.transform as number[]
    const [ta = 1, tb = 0, tc = 0, td = 1, te = 0, tf = 0] = t
    if (item.str.trim() === '') {
      spaced ||= item.str !== ''
      continue
    }
    const across = [a * ta + c * tb, b * ta + d * tb] as const
    const size = Math.hypot(a * tc + c * td, b * tc + d * td)
    if (size === 0 || !Number.isFinite(size)) continue
    const angle = Math.round((Math.atan2(across[1], across[0]) * 180) / Math.PI)
    const [x, y] = rotated(a * te + c * tf + e, b * te + d * tf + f, -angle)
    const style = content.styles[item.fontName]
    const font = fonts.get(item.fontName)
    const rtl = item.dir === 'rtl'
    const shape = {
      y,
      size,
      ...extent(style?.ascent, style?.descent),
      bold: font.bold,
      mono: font.mono || style?.fontFamily === 'monospace',
      rtl,
    }
    const words = frames.get(angle) ?? []
    frames.set(angle, words)
    for (const word of split(glyphsOf(item.str, x, item.width * unit, size, font, rtl))) {
      words.push({ ...shape, ...word, spaced: word.spaced || spaced })
      spaced = false
    }
    spaced = item.hasEOL || /\s$/u.test(item.str)
  }
  const weight = (words: Word[]) => words.reduce((sum, word) => sum + word.text.length, 0)
  return [...frames].map(([angle, words]) => ({ angle, words })).toSorted((p, q) => weight(q.words) - weight(p.words))
}

/** Rotates a point of the page about its origin, clockwise for positive angles (y points down). */
export function rotated(x: number, y: number, degrees: number): [number, number] {
  if (degrees === 0) return [x, y]
  const radians = (degrees * Math.PI) / 180
  const cos = Math.cos(radians)
  const sin = Math.sin(radians)
  return [x * cos - y * sin, x * sin + y * cos]
}

/** Some fonts declare nonsense; a mark then still has to cover the letters. */
function extent(ascent = 0.8, descent = -0.2) {
  return {
    ascent: ascent > 0.3 && ascent < 1.3 ? ascent : 0.8,
    descent: descent < 0 && descent > -0.6 ? -descent : 0.2,
  }
}

/**
 * Where each character of an item stands. The item's width is exact (pdf.js adds up what is drawn), so the font's own
 * widths are only shared out over it: what is left over belongs to the spaces (justified text), or else to every
 * character alike (letter-spacing).
 */
function glyphsOf(text: string, x: number, width: number, size: number, font: Font, rtl: boolean): Glyph[] {
  const pieces: { text: string; width: number; space: boolean }[] = []
  for (let i = 0; i < text.length;) {
    let length = Math.min(font.longest, text.length - i)
    while (length > 1 && !font.widths.has(text.slice(i, i + length))) length--
    const code = text.codePointAt(i) ?? 0
    if (length === 1 && code > 0xffff) length = 2
    const piece = text.slice(i, i + length)
    const space = piece.trim() === ''
    const known = font.widths.get(piece)
    const guess = space ? 250 : isUnspaced(piece) ? 1000 : 500
    pieces.push({ text: piece, width: ((known ?? guess) * size) / 1000, space })
    i += length
  }
  const natural = pieces.reduce((sum, piece) => sum + piece.width, 0)
  const spaces = pieces.filter((piece) => piece.space)
  const extra = spaces.length === 0 ? 0 : (width - natural) / spaces.length
  const spaceWidth = (spaces[0]?.width ?? 0) + extra
  // Beyond these the line is not justified but stretched or letter-spaced as a whole.
  const justified = spaces.length > 0 && spaceWidth > 0.05 * size && spaceWidth < 1.5 * size
  const scale = natural > 0 ? width / natural : 1

  const glyphs: Glyph[] = []
  let at = 0
  for (const piece of pieces) {
    const advance = justified ? piece.width + (piece.space ? extra : 0) : piece.width * scale
    const parts = Array.from(Array.from(piece.text, readable).join(''))
    const from = rtl ? x + width - at - advance : x + at
    // A ligature is one glyph and several letters: they share its width.
    const step = parts.length === 0 ? 0 : advance / parts.length
    for (let k = 0; k < parts.length; k++) {
      const place = rtl ? parts.length - 1 - k : k
      glyphs.push({ text: parts[k] ?? '', x0: from + step * place, x1: from + step * (place + 1) })
    }
    at += advance
  }
  return glyphs
}

/** Unspaced scripts have no words to split at: short runs keep a mark close to its quote. */
const UNSPACED_RUN = 4

function* split(glyphs: Glyph[]): Generator<{ text: string; x0: number; x1: number; spaced: boolean }> {
  let open: Glyph[] = []
  let spaced = false
  const close = function* () {
    if (open.length === 0) return
    const text = open.map((glyph) => glyph.text).join('')
    yield {
      text,
      x0: Math.min(...open.map((glyph) => glyph.x0)),
      x1: Math.max(...open.map((glyph) => glyph.x1)),
      spaced,
    }
    open = []
    spaced = false
  }
  for (const glyph of glyphs) {
    const last = open.at(-1)
    if (glyph.text === ' ') {
      yield* close()
      spaced = true
      continue
    }
    if (last !== undefined) {
      const lone = isUnspaced(glyph.text)
      if (lone !== isUnspaced(last.text) || (lone && open.length >= UNSPACED_RUN)) yield* close()
      // Leaders (“Index .......... 12”) are not part of the word before them.
      else if ((glyph.text === '.') !== (last.text === '.') && isLeader(glyphs, glyph, open)) yield* close()
    }
    open.push(glyph)
  }
  yield* close()
}

function isLeader(glyphs: Glyph[], glyph: Glyph, open: Glyph[]): boolean {
  if (glyph.text !== '.') return open.length >= 4 && open.every((each) => each.text === '.')
  const at = glyphs.indexOf(glyph)
  return glyphs.slice(at, at + 4).length === 4 && glyphs.slice(at, at + 4).every((each) => each.text === '.')
}
