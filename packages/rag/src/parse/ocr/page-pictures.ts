import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { init, type WrappedPdfiumModule } from '@embedpdf/pdfium'
import type { GreyPicture } from './grey-picture.ts'
import type { Source } from '../source.ts'
import type { Look } from './recognition.ts'

export interface PageOnPaper {
  readonly picture: GreyPicture
  /** Pixels per point. */
  readonly scale: number
  /** In points, with the page's rotation applied. */
  readonly width: number
  readonly height: number
}

/** PDFs as they look, drawn by PDFium in WebAssembly: unlike pdf.js it needs no canvas, and so no native code. */
export interface PagePictures {
  look(page: number): Look
  /** @throws when the page is not there or cannot be drawn. */
  draw(page: number): PageOnPaper
}

/**
 * Tesseract reads best where capitals are about 30 pixels high, 300 dpi for print; drawn somewhat larger than it is, a
 * scan of 300 dpi loses the roughness of its compression. Of 34 phrases of one, 340 dpi lost 6, 300 dpi 11, 240 dpi 11.
 */
const DOTS_PER_INCH = 340
/** An A4 page at that resolution has 11.2 million; larger pages (plans, posters) are drawn coarser. */
const MOST_PIXELS = 12_000_000

const POINTS_PER_INCH = 72
/** fpdfview.h and fpdf_edit.h */
const GREY_BITMAP = 1
const WHITE = 0xffffffff
const DRAW_ANNOTATIONS = 0x01
const OBJECT = { image: 3, form: 5 }
/** Forms inside forms; deeper ones hide no scan. */
const DEEPEST_FORM = 4

export async function openPagePictures(source: Source): Promise<PagePictures> {
  const wasm = readFileSync(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm'))
  const pdfium = await init({ wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength) })
  pdfium.PDFiumExt_Init()
  const document = typeof source === 'string' ? loadFile(pdfium, source) : loadBytes(pdfium, source)
  if (document === 0) throw new Error(`PDFium cannot open the file: error ${pdfium.FPDF_GetLastError()}`)

  const withPage = <T>(number: number, then: (page: number) => T): T => {
    const page = pdfium.FPDF_LoadPage(document, number - 1)
    if (page === 0) throw new Error(`PDFium cannot load page ${number}: error ${pdfium.FPDF_GetLastError()}`)
    try {
      return then(page)
    } finally {
      pdfium.FPDF_ClosePage(page)
    }
  }
  return {
    look: (number) => withPage(number, (page) => lookAt(pdfium, page)),
    draw: (number) => withPage(number, (page) => draw(pdfium, page)),
  }
}

function loadBytes(pdfium: WrappedPdfiumModule, bytes: Uint8Array): number {
  const at = pdfium.pdfium.wasmExports.malloc(bytes.length)
  if (at === 0) throw new RangeError('allocation failed')
  pdfium.pdfium.HEAPU8.set(bytes, at)
  return pdfium.FPDF_LoadMemDocument64(at, bytes.length, '')
}

/** Read piece by piece as PDFium asks: a scan of 100 MB is in memory once already, for pdf.js. */
function loadFile(pdfium: WrappedPdfiumModule, path: string): number {
  const { pdfium: memory } = pdfium
  const file = openSync(path, 'r')
  const { size } = fstatSync(file)
  const getBlock = (_parameter: number, position: number, into: number, length: number): number =>
    readSync(file, memory.HEAPU8, into, length, position >>> 0) === length ? 1 : 0
  // FPDF_FILEACCESS: length, callback, its parameter.
  const access = memory.wasmExports.malloc(12)
  memory.setValue(access, size, 'i32')
  memory.setValue(access + 4, memory.addFunction(getBlock, 'iiiii'), 'i32')
  memory.setValue(access + 8, 0, 'i32')
  const document = pdfium.FPDF_LoadCustomDocument(access, '')
  if (document === 0) closeSync(file)
  return document
}

function lookAt(pdfium: WrappedPdfiumModule, page: number): Look {
  const area = pdfium.FPDF_GetPageWidthF(page) * pdfium.FPDF_GetPageHeightF(page)
  const edges = pdfium.pdfium.wasmExports.malloc(16)
  const count = pdfium.FPDFPage_CountObjects(page)
  let covered = 0
  for (let i = 0; i < count; i++) {
    const object = pdfium.FPDFPage_GetObject(page, i)
    if (!isImage(pdfium, object, 0)) continue
    pdfium.FPDFPageObj_GetBounds(object, edges, edges + 4, edges + 8, edges + 12)
    const [left = 0, bottom = 0, right = 0, top = 0] = new Float32Array(pdfium.pdfium.HEAPU8.buffer, edges, 4)
    covered += Math.abs((right - left) * (top - bottom))
  }
  pdfium.pdfium.wasmExports.free(edges)
  return { painted: count > 0, imageShare: area > 0 ? Math.min(1, covered / area) : 0 }
}

function isImage(pdfium: WrappedPdfiumModule, object: number, depth: number): boolean {
  const type = pdfium.FPDFPageObj_GetType(object)
  if (type === OBJECT.image) return true
  if (type !== OBJECT.form || depth >= DEEPEST_FORM) return false
  const count = pdfium.FPDFFormObj_CountObjects(object)
  for (let i = 0; i < count; i++) if (isImage(pdfium, pdfium.FPDFFormObj_GetObject(object, i), depth + 1)) return true
  return false
}

function draw(pdfium: WrappedPdfiumModule, page: number): PageOnPaper {
  const width = pdfium.FPDF_GetPageWidthF(page)
  const height = pdfium.FPDF_GetPageHeightF(page)
  if (!(width > 0 && height > 0)) throw new Error(`a page of ${width} by ${height} points`)
  const scale = Math.min(DOTS_PER_INCH / POINTS_PER_INCH, Math.sqrt(MOST_PIXELS / (width * height)))
  const columns = Math.max(1, Math.floor(width * scale))
  const rows = Math.max(1, Math.floor(height * scale))
  const at = pdfium.pdfium.wasmExports.malloc(columns * rows)
  if (at === 0) throw new RangeError('allocation failed')
  const bitmap = pdfium.FPDFBitmap_CreateEx(columns, rows, GREY_BITMAP, at, columns)
  try {
    pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, columns, rows, WHITE)
    pdfium.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, DRAW_ANNOTATIONS)
    const pixels = pdfium.pdfium.HEAPU8.slice(at, at + columns * rows)
    return { picture: { width: columns, height: rows, pixels }, scale, width, height }
  } finally {
    pdfium.FPDFBitmap_Destroy(bitmap)
    pdfium.pdfium.wasmExports.free(at)
  }
}
