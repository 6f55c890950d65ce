import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import { fromGreyPng, type GreyPicture } from './grey-picture.ts'
import type { LanguageData, SeenLine, Turns } from './recognition.ts'

export interface Reading {
  readonly lines: readonly SeenLine[]
  readonly slope: number
}

/** Tesseract's neural engine in WebAssembly. It sees files that are put into its own memory, and nothing else. */
export interface Engine {
  /** @throws when the file is no image that Leptonica reads. */
  read(image: Uint8Array, options: { readonly turns: Turns; readonly dotsPerInch?: number }): Reading
  /** What was read last, in grey; null where the engine kept nothing. */
  lastPicture(): GreyPicture | null
}

/** The part of tesseract.js-core that is used; it is the compiled C++ interface, and has no types of its own. */
interface Core {
  readonly FS: {
    writeFile(path: string, data: Uint8Array): void
    readFile(path: string): Uint8Array
    unlink(path: string): void
  }
  readonly TessBaseAPI: new () => {
    Init(dataPath: null, languages: string, engineMode: number): number
    SetVariable(name: string, value: string): boolean
    SetImageFile(exifOrientation: number, angle: number): number
    Recognize(monitor: null): number
    GetJSONText(): string
    GetGradient(): number
    WriteImage(type: number, path: string): void
  }
}

interface Rectangle {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}
interface Layout {
  readonly blocks?: readonly {
    readonly paragraphs: readonly {
      readonly lines: readonly {
        readonly bbox: Rectangle
        readonly baseline: Rectangle
        readonly rowAttributes: { readonly rowHeight: number }
        readonly words: readonly { readonly text: string; readonly confidence: number; readonly bbox: Rectangle }[]
      }[]
    }[]
  }[]
}

/** Neural network only: the other engine's code is not in this build. */
const NEURAL = 1
/** How many quarter turns an EXIF orientation asks for; the mirrored ones are not made by any camera. */
const EXIF_OF_TURNS = [1, 6, 3, 8] as const
const GREY_IMAGE = 1
/** Finds columns and tables by itself; the library's own default takes every page for one block of text. */
const ANY_LAYOUT = '3'

/** @throws when there is no usable data for a language. */
export async function startEngine(languages: readonly LanguageData[]): Promise<Engine> {
  // Plain SIMD: with the relaxed kind, which is no faster, the same page may read differently on another processor.
  const start: unknown = createRequire(import.meta.url)('tesseract.js-core/tesseract-core-simd-lstm')
  if (typeof start !== 'function') throw new Error('tesseract.js-core has changed')
  const core = (await start({ print: () => undefined, printErr: () => undefined })) as Core
  for (const { code, file } of languages) {
    const data = readFileSync(file)
    core.FS.writeFile(`${code}.traineddata`, data[0] === 0x1f && data[1] === 0x8b ? gunzipSync(data) : data)
  }
  const api = new core.TessBaseAPI()
  const names = languages.map(({ code }) => code).join('+')
  if (api.Init(null, names, NEURAL) !== 0) throw new Error(`Tesseract cannot use its data for ${names}`)
  api.SetVariable('tessedit_pageseg_mode', ANY_LAYOUT)
  return {
    read(image, { turns, dotsPerInch }) {
      // Without a resolution it guesses one from the letters.
      if (dotsPerInch !== undefined) api.SetVariable('user_defined_dpi', String(Math.round(dotsPerInch)))
      core.FS.writeFile('/input', image)
      const failed = api.SetImageFile(EXIF_OF_TURNS[turns], 0)
      core.FS.unlink('/input')
      if (failed !== 0) throw new Error('Leptonica cannot read the image')
      api.Recognize(null)
      return { lines: linesIn(JSON.parse(api.GetJSONText()) as Layout), slope: api.GetGradient() }
    },
    lastPicture() {
      api.WriteImage(GREY_IMAGE, '/grey.png')
      try {
        return fromGreyPng(core.FS.readFile('/grey.png'))
      } catch {
        return null
      }
    },
  }
}

function linesIn({ blocks = [] }: Layout): SeenLine[] {
  const lines = blocks.flatMap((block) => block.paragraphs.flatMap((paragraph) => paragraph.lines))
  return lines.map(({ baseline, rowAttributes, bbox, words }) => ({
    words: words.map(({ text, confidence, bbox: { x0, y0, x1, y1 } }) => ({ text, confidence, x0, y0, x1, y1 })),
    baseline: (baseline.y0 + baseline.y1) / 2,
    x: (baseline.x0 + baseline.x1) / 2,
    height: rowAttributes.rowHeight > 0 ? rowAttributes.rowHeight : bbox.y1 - bbox.y0,
  }))
}
