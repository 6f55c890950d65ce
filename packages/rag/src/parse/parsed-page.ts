import type { FailureCode, MediaType, Span, WarningCode } from '@quarry/contracts'

/** [spanStart, spanEnd, x, y, width, height]: a fragment of the page's text, in PDF points from the page's top left corner. */
export type Box = [spanStart: number, spanEnd: number, x: number, y: number, width: number, height: number]

/** `furniture` is a running header or footer: text of the page, but of no sentence on it. */
export type BlockKind = 'heading' | 'paragraph' | 'list' | 'table' | 'code' | 'furniture'

/** A stretch of a page's text; blocks are in order, do not overlap, and hold everything but space. */
export interface Block extends Span {
  readonly kind: BlockKind
  /** 1 (outermost) to 6; headings only. */
  readonly level?: number
  /** Names of what encloses it, outermost first; source code only. */
  readonly under?: readonly string[]
}

export interface ParsedPage {
  /** 1, 2, 3 … without gaps, over pages or sections. */
  readonly ordinal: number
  /** 1-based page of a paged format; null for a section. */
  readonly page: number | null
  readonly text: string
  /** In PDF points, with the page's rotation applied; null where the format has no layout. */
  readonly width: number | null
  readonly height: number | null
  readonly boxes: Box[]
  readonly blocks: Block[]
  /** What the section is called where the format names it: a sheet, "Slide 3", a chapter, an attachment. */
  readonly label?: string
  /** The text was recognised in an image. */
  readonly ocr?: boolean
}

/** What a reader yields: the page, and how many there will be (null until the format can know). */
export interface ReadStep {
  readonly page: ParsedPage
  readonly pageCount: number | null
  /** What of this page could not be read as it should. The page is there all the same, with what there is. */
  readonly warning?: WarningCode
}

/** A page whose text is about to be recognised, which takes seconds. */
export interface Recognising {
  readonly ordinal: number
  readonly pageCount: number | null
}

export interface ReadableFile {
  readonly path: string
  readonly mediaType: MediaType
}

/** A file that cannot become searchable, for a reason a person understands. Everything else that a parser throws is a bug. */
export class ParseFailure extends Error {
  readonly code: FailureCode
  constructor(code: FailureCode, options: { cause?: unknown } = {}) {
    super(`cannot be parsed: ${code}`, options)
    this.name = 'ParseFailure'
    this.code = code
  }
}
