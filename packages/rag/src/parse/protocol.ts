import type { FailureCode } from '@quarry/contracts'
import type { OcrSettings } from './ocr/recogniser.ts'
import type { ReadableFile, ReadStep, Recognising } from './parsed-page.ts'

type MediaType = ReadableFile['mediaType']

/**
 * One file at a time. The two take turns: the child sends a page, or tells that it is about to recognise one, and goes
 * on when it is asked for the next, so that neither side piles pages up.
 */
export type ToChild =
  | { readonly type: 'read'; readonly file: ReadableFile; readonly ocr: OcrSettings | null }
  | { readonly type: 'next' }
  /** Before its first file: load what reads these. The answer is `warm`. */
  | { readonly type: 'warm'; readonly mediaTypes: readonly MediaType[] }

export type FromChild =
  | { readonly type: 'page'; readonly step: ReadStep }
  | ({ readonly type: 'recognising' } & Recognising)
  | { readonly type: 'end' }
  | { readonly type: 'warm' }
  | { readonly type: 'failure'; readonly code: FailureCode; readonly detail: string }
