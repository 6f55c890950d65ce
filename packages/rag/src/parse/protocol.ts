import type { FailureCode } from '@quarry/contracts'
import type { ReadableFile, ReadStep } from './parsed-page.ts'

/** One file at a time; the child sends a page only when it is asked for the next, so that neither side piles pages up. */
export type ToChild = { readonly type: 'read'; readonly file: ReadableFile } | { readonly type: 'next' }

export type FromChild =
  | { readonly type: 'page'; readonly step: ReadStep }
  | { readonly type: 'end' }
  | { readonly type: 'failure'; readonly code: FailureCode; readonly detail: string }
