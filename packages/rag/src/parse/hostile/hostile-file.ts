import type { FailureCode, MediaType } from '@quarry/contracts'

/** What a hostile file refers to. Nothing may come of it. */
export interface Canary {
  /** An address whose server counts who connects. */
  readonly url: string
  /** A file on this machine, by its absolute path, that holds `word`. */
  readonly path: string
  readonly word: string
}

export interface HostileFile {
  /** What it tries, in a few words. */
  readonly name: string
  /** What it is read as: what it claims to be. */
  readonly mediaType: MediaType
  /** Made when it is needed: some are large. */
  readonly bytes: (canary: Canary) => Uint8Array
  /** The end that is right: readable all the same, or one of these reasons. */
  readonly expected: 'searchable' | readonly FailureCode[]
  /** Takes 5 s or more: for the long form. */
  readonly slow?: boolean
  /** Must be in the text that is read: the file does its duty beside the attack. */
  readonly contains?: string
  /** Must not be: what is in the file, but no text of it. */
  readonly lacks?: string
}

export const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
export const PPTX = 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
export const EPUB = 'application/epub+zip'
export const ODT = 'application/vnd.oasis.opendocument.text'
export const MEBIBYTE = 1024 * 1024
