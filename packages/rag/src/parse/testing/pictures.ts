import { createRequire } from 'node:module'
import path from 'node:path'
import { createCanvas, GlobalFonts, type Canvas } from '@napi-rs/canvas'
import { findLanguages } from '../ocr/languages.ts'
import type { OcrSettings } from '../ocr/recogniser.ts'

/** A font that comes with a dependency, so that the pictures are the same on every machine. */
const FONT = 'Quarry test sans'
const fonts = path.join(
  path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')),
  'standard_fonts',
)
GlobalFonts.registerFromPath(path.join(fonts, 'LiberationSans-Regular.ttf'), FONT)

export interface DrawnWord {
  readonly text: string
  readonly x: number
  readonly width: number
  /** From the top of capitals to the baseline. */
  readonly top: number
  readonly baseline: number
}

export interface PictureOptions {
  readonly width?: number
  readonly height?: number
  /** Of the font, in pixels. */
  readonly size?: number
  readonly ink?: string
  readonly paper?: string
}

/** A picture of lines of text, and where each word stands on it, in pixels. */
export function pictureOf(lines: readonly string[], options: PictureOptions = {}) {
  const { size = 36, ink = '#111', paper = '#fff' } = options
  const { width = 1400, height = Math.ceil((lines.length + 2) * size * 1.5) } = options
  const canvas = createCanvas(width, height)
  const context = canvas.getContext('2d')
  context.fillStyle = paper
  context.fillRect(0, 0, width, height)
  context.fillStyle = ink
  context.font = `${size}px "${FONT}"`
  const words: DrawnWord[] = []
  for (const [i, line] of lines.entries()) {
    const baseline = Math.round((i + 1.5) * size * 1.5)
    context.fillText(line, size, baseline)
    for (const match of line.matchAll(/\S+/gu)) {
      const x = size + context.measureText(line.slice(0, match.index)).width
      words.push({
        text: match[0],
        x,
        width: context.measureText(match[0]).width,
        top: baseline - 0.72 * size,
        baseline,
      })
    }
  }
  return { canvas, words, width, height }
}

/** The picture turned clockwise. */
export function turned(canvas: Canvas, quarters: 1 | 2 | 3): Canvas {
  const sideways = quarters !== 2
  const result = createCanvas(sideways ? canvas.height : canvas.width, sideways ? canvas.width : canvas.height)
  const context = result.getContext('2d')
  context.translate(result.width / 2, result.height / 2)
  context.rotate((quarters * Math.PI) / 2)
  context.drawImage(canvas, -canvas.width / 2, -canvas.height / 2)
  return result
}

/** Roomy enough for a machine that is busy with other things. */
export const OCR: OcrSettings = {
  languages: findLanguages(['eng'], undefined),
  pageMs: 60_000,
  maxPages: 50,
  memoryMb: 4096,
}
