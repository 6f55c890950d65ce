import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { getDocumentProxy } from 'unpdf'
import type { PDFDocumentProxy, PDFPageProxy } from 'unpdf/pdfjs'
import { looksEnglish } from '../../analyse/language.ts'
import { ParseFailure, type Block, type Box, type ParsedPage, type ReadStep } from '../parsed-page.ts'
import { paragraphsOf } from './blocks.ts'
import { regionsOf } from './columns.ts'
import { write, type Vocabulary } from './compose.ts'
import { Fonts } from './fonts.ts'
import { rowsOf } from './rows.ts'
import { wordsOf } from './words.ts'

/** Reads a PDF page by page. @throws ParseFailure `encrypted`, `damaged`, or `no_text` after a last page without any text. */
export async function* readPdf(file: string): AsyncGenerator<ReadStep> {
  const pdf = await open(file)
  try {
    const context = new DocumentContext()
    let characters = 0
    for (let number = 1; number <= pdf.numPages; number++) {
      const source = await pdf.getPage(number).catch(damaged)
      const page = await readPage(source, number, context)
      source.cleanup()
      characters += page.text.length
      yield { page, pageCount: pdf.numPages }
    }
    if (characters === 0) throw new ParseFailure('no_text')
  } finally {
    await pdf.loadingTask.destroy()
  }
}

/** pdf.js repairs what it can; what it still throws is the file's fault. */
const damaged = (cause: unknown): never => {
  throw new ParseFailure('damaged', { cause })
}

async function open(file: string): Promise<PDFDocumentProxy> {
  const bytes = await readFile(file)
  // Predefined CMaps (Chinese, Japanese and Korean fonts that are not embedded) are data files of pdf.js' own package.
  const cMapUrl = `${path.join(path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), 'cmaps')}/`
  try {
    return await getDocumentProxy(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      cMapUrl,
      cMapPacked: true,
      fontExtraProperties: true,
      // No image is looked at, so none is decoded.
      maxImageSize: 1,
      verbosity: 0,
    })
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    throw new ParseFailure(name === 'PasswordException' ? 'encrypted' : 'damaged', { cause })
  }
}

/** What earlier pages tell about later ones. Pages are read in order, so the same file gives the same text every time. */
class DocumentContext {
  readonly fonts = new Fonts()
  readonly #sizes = new Map<number, number>()
  readonly #words = new Set<string>()
  /** Of the last two pages: left and right pages have headers of their own. */
  #edges: ReadonlySet<string>[] = []

  /** Words grow with the document; past this many, new ones say little. */
  readonly vocabulary: Vocabulary = {
    has: (word) => this.#words.has(word),
    add: (word) => this.#words.size < 200_000 && this.#words.add(word),
  }

  isRunning = (text: string) => this.#edges.some((page) => page.has(withoutNumbers(text)))

  /** The size of most of the text, from the pages read so far. */
  bodySize(sizes: Iterable<readonly [number, number]>): number {
    for (const [size, characters] of sizes) {
      const key = Math.round(size * 2) / 2
      this.#sizes.set(key, (this.#sizes.get(key) ?? 0) + characters)
    }
    return [...this.#sizes].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0]
  }

  /** Keeps the outermost lines of a page, by which the next ones know their running headers. */
  leave(edges: readonly string[]): void {
    this.#edges = [...this.#edges.slice(-1), new Set(edges.map(withoutNumbers).filter((text) => text !== ''))]
  }
}

const withoutNumbers = (text: string) =>
  text
    .replace(/\s+/gu, ' ')
    .replace(/\p{N}+|\b[ivxlc]+\b/gu, '#')
    .trim()

async function readPage(source: PDFPageProxy, number: number, context: DocumentContext): Promise<ParsedPage> {
  const viewport = source.getViewport({ scale: 1 })
  const page = { text: '', boxes: [] as Box[], blocks: [] as Block[] }
  const frames = await wordsOf(source, context.fonts).catch(damaged)
  const bodySize = context.bodySize(
    frames.flatMap(({ words }) => words.map((word) => [word.size, word.text.length] as const)),
  )
  for (const [i, { angle, words }] of frames.entries()) {
    const rows = rowsOf(words)
    // Text in a second direction (labels of axes, stamps) has no headers and no columns.
    const setting = {
      bodySize,
      height: i === 0 && angle === 0 ? viewport.height : Number.POSITIVE_INFINITY,
      isRunning: context.isRunning,
    }
    const writesCompoundsApart = looksEnglish(words.map((word) => word.text).join(' '))
    write(page, paragraphsOf(regionsOf(rows), setting), angle, { vocabulary: context.vocabulary, writesCompoundsApart })
    if (i === 0)
      context.leave(
        [...rows.slice(0, 2), ...rows.slice(-2)].map((row) =>
          row.segments.flatMap((segment) => segment.words.map((word) => word.text)).join(' '),
        ),
      )
  }
  return { ordinal: number, page: number, width: rounded(viewport.width), height: rounded(viewport.height), ...page }
}

const rounded = (value: number) => Math.round(value * 100) / 100
