/** What the recogniser's thread is asked, and what it answers. Nothing else crosses. */

import type { Source } from '../source.ts'

/** Where the data of one language is, for Tesseract's neural engine; plain or gzipped. */
export interface LanguageData {
  readonly code: string
  readonly file: string
}

export interface ThreadData {
  readonly source: Source
  readonly languages: readonly LanguageData[]
}

export type Question =
  | { readonly type: 'look'; readonly page: number }
  | { readonly type: 'page'; readonly page: number }
  | { readonly type: 'image'; readonly turns: Turns; readonly pixels: number }

/** What a PDF's page is made of. */
export interface Look {
  /** Whether anything is drawn on it. */
  readonly painted: boolean
  /** How much of its area is covered by images, 0 to 1. */
  readonly imageShare: number
}

/** Quarters of a turn, clockwise. */
export type Turns = 0 | 1 | 2 | 3

/** A recognised word, in pixels of the picture that the engine saw. */
export interface SeenWord {
  readonly text: string
  /** 0 to 100. */
  readonly confidence: number
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

/** Words that the engine took for one line; of a table's row each cell may be one. */
export interface SeenLine {
  readonly words: readonly SeenWord[]
  /** The baseline, at `x`: the middle of the line. */
  readonly baseline: number
  readonly x: number
  /** From the highest ascender to the lowest descender. */
  readonly height: number
}

export interface SeenPage {
  /** Whether it is nothing but paper. */
  readonly blank: boolean
  /** None: there was nothing to read. */
  readonly lines: readonly SeenLine[]
  /** How many pixels of the engine's picture make one unit of the page: a point of a PDF, a pixel of an image. */
  readonly scale: number
  /** The page's size, in its units, upright for a reader. */
  readonly width: number
  readonly height: number
  /** How the page was turned until its text could be read: the lines are in pixels of the turned picture. */
  readonly turns: Turns
  /** Rise of the lines over the page's width: tan of the angle. */
  readonly slope: number
  /** Mean over the letters, 0 to 100. */
  readonly confidence: number
}

export type Answer =
  | { readonly type: 'look'; readonly look: Look }
  | { readonly type: 'seen'; readonly page: SeenPage }
  | { readonly type: 'error'; readonly detail: string }
