import { looksEnglish } from '../../analyse/language.ts'
import type { Block, Box, ParsedPage } from '../parsed-page.ts'
import { paragraphsOf } from './blocks.ts'
import { regionsOf } from './columns.ts'
import { write, type Vocabulary } from './compose.ts'
import { rowsOf } from './rows.ts'
import type { Frame } from './words.ts'

export interface PageSize {
  readonly width: number
  readonly height: number
}

/** Puts the words of one document's pages together, each page with what the earlier ones told. */
export class PageComposer {
  readonly #sizes = new Map<number, number>()
  readonly #words = new Set<string>()
  /** Of the last two pages: left and right pages have headers of their own. */
  #edges: ReadonlySet<string>[] = []

  /** Words grow with the document; past this many, new ones say little. */
  readonly #vocabulary: Vocabulary = {
    has: (word) => this.#words.has(word),
    add: (word) => this.#words.size < 200_000 && this.#words.add(word),
  }

  /** Pages have to be composed in their order, so that the same file gives the same text every time. */
  compose(frames: readonly Frame[], { height }: PageSize): Pick<ParsedPage, 'text' | 'boxes' | 'blocks'> {
    const page = { text: '', boxes: [] as Box[], blocks: [] as Block[] }
    const bodySize = this.#bodySize(
      frames.flatMap(({ words }) => words.map((word) => [word.size, word.text.length] as const)),
    )
    for (const [i, { angle, words }] of frames.entries()) {
      const rows = rowsOf(words)
      // Text in a second direction (labels of axes, stamps) has no headers and no columns.
      const setting = {
        bodySize,
        height: i === 0 && angle === 0 ? height : Number.POSITIVE_INFINITY,
        isRunning: (text: string) => this.#edges.some((edge) => edge.has(withoutNumbers(text))),
      }
      const writesCompoundsApart = looksEnglish(words.map((word) => word.text).join(' '))
      write(page, paragraphsOf(regionsOf(rows), setting), angle, {
        vocabulary: this.#vocabulary,
        writesCompoundsApart,
      })
      if (i === 0)
        this.#leave(
          [...rows.slice(0, 2), ...rows.slice(-2)].map((row) =>
            row.segments.flatMap((segment) => segment.words.map((word) => word.text)).join(' '),
          ),
        )
    }
    return page
  }

  /** The size of most of the text, from the pages read so far. */
  #bodySize(sizes: Iterable<readonly [number, number]>): number {
    for (const [size, characters] of sizes) {
      const key = Math.round(size * 2) / 2
      this.#sizes.set(key, (this.#sizes.get(key) ?? 0) + characters)
    }
    return [...this.#sizes].reduce((best, next) => (next[1] > best[1] ? next : best), [0, 0])[0]
  }

  /** Keeps the outermost lines of a page, by which the next ones know their running headers. */
  #leave(edges: readonly string[]): void {
    this.#edges = [...this.#edges.slice(-1), new Set(edges.map(withoutNumbers).filter((text) => text !== ''))]
  }
}

const withoutNumbers = (text: string) =>
  text
    .replace(/\s+/gu, ' ')
    .replace(/\p{N}+|\b[ivxlc]+\b/gu, '#')
    .trim()
