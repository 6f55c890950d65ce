import { createRequire } from 'node:module'
import path from 'node:path'
import { getDocumentProxy } from 'unpdf'
import type { PDFDocumentProxy } from 'unpdf/pdfjs'
import type { WarningCode } from '@quarry/contracts'
import { Outcomes } from '../ocr/outcomes.ts'
import type { Recogniser } from '../ocr/recogniser.ts'
import { ParseFailure, type ParsedPage, type ReadStep } from '../parsed-page.ts'
import { PageComposer } from './compose-page.ts'
import { Fonts } from './fonts.ts'
import { bytesOf, type Source } from '../source.ts'
import { recogniseScan, type TextLayer } from './scanned-page.ts'
import { wordsOf } from './words.ts'

/**
 * Reads a PDF page by page; scanned pages are recognised. A page that is damaged is empty and has a warning.
 * @throws ParseFailure `encrypted`, `damaged`, or, after a last page without any text, why there was none.
 */
export async function* readPdf(source: Source, recogniser: Recogniser): AsyncGenerator<ReadStep> {
  const pdf = await open(source)
  try {
    const fonts = new Fonts()
    const composer = new PageComposer()
    const outcomes = new Outcomes()
    const pageCount = Math.min(pdf.numPages, MOST_PAGES)
    for (let number = 1; number <= pageCount; number++) {
      const at = { ordinal: number, pageCount }
      const layer = await textLayer(pdf, number, fonts)
      const scan = layer === null ? null : await recogniseScan(recogniser, source, layer, at)
      const frames = scan?.frames ?? layer?.frames ?? []
      const composed = layer === null ? EMPTY : composer.compose(frames, layer)
      const own: WarningCode | undefined = scan === null ? 'page_unreadable' : outcomes.warningOf(scan, composed.text)
      const warning = number === MOST_PAGES && number < pdf.numPages ? 'truncated' : own
      outcomes.count(composed.text, warning)
      const page: ParsedPage = {
        ...{ ordinal: number, page: number, width: rounded(layer?.width), height: rounded(layer?.height) },
        ...composed,
        ...(scan?.frames === undefined ? {} : { ocr: true }),
      }
      yield { page, pageCount, ...(warning === undefined ? {} : { warning }) }
    }
    outcomes.demandText()
  } finally {
    await pdf.loadingTask.destroy()
  }
}

/** As long as any book; a small file may hold the same page a billion times, and each would be a row. */
const MOST_PAGES = 20_000
const EMPTY = { text: '', boxes: [], blocks: [] }

async function open(source: Source): Promise<PDFDocumentProxy> {
  const bytes = typeof source === 'string' ? await bytesOf(source) : source.slice()
  // Predefined CMaps (Chinese, Japanese and Korean fonts that are not embedded) are data files of pdf.js' own package.
  const cMapUrl = `${path.join(path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json')), 'cmaps')}/`
  const complaints = heard()
  try {
    return await getDocumentProxy(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      cMapUrl,
      cMapPacked: true,
      fontExtraProperties: true,
      // No image is looked at, so none is decoded.
      maxImageSize: 1,
      // Complaints about what it repairs or leaves out; see `heard`.
      verbosity: 1,
    })
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : ''
    throw new ParseFailure(name === 'PasswordException' ? 'encrypted' : 'damaged', { cause })
  } finally {
    complaints.stop()
  }
}

/**
 * Null for a damaged page. pdf.js repairs what it can: what it still throws is the page's fault, and so is a page of
 * which it complains, and of which nothing is left.
 */
async function textLayer(pdf: PDFDocumentProxy, number: number, fonts: Fonts): Promise<TextLayer | null> {
  const complaints = heard()
  try {
    const page = await pdf.getPage(number)
    const { width, height } = page.getViewport({ scale: 1 })
    const frames = await wordsOf(page, fonts)
    const draws = frames.length > 0 || (await page.getOperatorList()).fnArray.length > 0
    page.cleanup()
    return !draws && complaints.count > 0 ? null : { frames, draws, width, height }
  } catch {
    return null
  } finally {
    complaints.stop()
  }
}

/** Counts what pdf.js has to complain about. It says so on the console and nowhere else. */
function heard() {
  /* eslint-disable no-console -- listened to, not written on */
  const { warn } = console
  const complaints = { count: 0, stop: () => void (console.warn = warn) }
  console.warn = () => void complaints.count++
  return complaints
  /* eslint-enable no-console */
}

const rounded = (value: number | undefined) => (value === undefined ? null : Math.round(value * 100) / 100)
