import type { Span } from '@quarry/contracts'
import type { Language } from '../analyse/language.ts'
import type { Block, ParsedPage } from '../parse/parsed-page.ts'
import { headingTrail } from './headings.ts'
import { unitsOf } from './units.ts'

/** A passage of one page (or section), the unit that is searched and cited. */
export interface Chunk {
  /** 1, 2, 3 … over the whole document. */
  readonly ordinal: number
  /** Ordinal of its page. */
  readonly page: number
  readonly span: Span
  /**
   * Titles it stands under, outermost first; those inside its span included. Last of all what encloses code (a class and
   * its function), or the header of the table in whose middle it starts: without it a row says nothing.
   */
  readonly headingPath: string[]
  /** What is indexed with its text though it stands elsewhere: the names of document and section, and titles outside its span. */
  readonly context: string
}

export interface Chunker {
  /** The chunks of the next page, in order. Pages must come in order: headings reach over them. */
  chunksOf(page: ParsedPage): Chunk[]
}

/**
 * A 300-word abstract stays whole, and a page of prose makes one or two passages: long enough for BM25 to tell
 * documents apart, short enough to be read at a glance.
 */
const MOST_WORDS = 380
/** A section shorter than this shares its chunk with the next one. */
const SECTION_WORDS = 80
/** A chunk shorter than this at the end of a page joins the one before, which may then grow by as much. */
const TINY_WORDS = 40
/** From here on a chunk ends rather than splits a paragraph that does not fit any more. */
const ENOUGH_WORDS = 200

interface Draft {
  start: number
  end: number
  words: number
  /** Set with the first text that is not a title. */
  path: string[] | null
  titles: string[]
}

/** @param name the document's name in words, indexed with every chunk. */
export function createChunker(name: string, language: Language): Chunker {
  const trail = headingTrail()
  let inTitles = false
  let ordinal = 0

  function draftsOf(page: ParsedPage): Draft[] {
    const drafts: Draft[] = []
    let open: Draft | null = null
    const close = () => {
      if (open !== null) drafts.push(open)
      open = null
    }
    const add = (span: Span, words: number): Draft => {
      open ??= { start: span.start, end: span.end, words: 0, path: null, titles: [] }
      open.end = span.end
      open.words += words
      return open
    }
    const opened = () => open
    let under: readonly string[] = []
    for (const block of page.blocks) {
      const units = unitsOf(page.text, block, language, MOST_WORDS)
      const words = units.reduce((sum, unit) => sum + unit.words, 0)
      const current = opened()
      if (block.kind === 'heading') {
        if (
          current !== null &&
          current.path !== null &&
          (current.words >= SECTION_WORDS || current.words + words > MOST_WORDS)
        )
          close()
        const title = page.text.slice(block.start, block.end)
        trail.enter(block.level ?? 6, title, inTitles)
        inTitles = true
        add(block, words).titles.push(title.replace(/\s+/gu, ' ').trim())
        continue
      }
      if (block.kind !== 'furniture') inTitles = false
      // A function is a section of its file.
      const isOther = (block.under ?? []).join('\n') !== under.join('\n')
      under = block.under ?? []
      if (isOther && current !== null && current.path !== null && current.words >= SECTION_WORDS) close()
      if (
        current !== null &&
        current.path !== null &&
        current.words >= ENOUGH_WORDS &&
        current.words + words > MOST_WORDS
      )
        close()
      for (const unit of units) {
        const before = opened()
        if (before !== null && before.path !== null && before.words + unit.words > MOST_WORDS) close()
        const draft = add(unit, unit.words)
        // A running header says nothing of the section that follows it.
        if (block.kind !== 'furniture') draft.path ??= [...trail.path(), ...surroundings(page.text, block, unit.start)]
      }
    }
    close()
    return withoutTinyEnd(drafts)
  }

  return {
    chunksOf(page) {
      return draftsOf(page).map((draft) => {
        const headingPath = draft.path ?? trail.path()
        const outside = headingPath.filter((title) => !draft.titles.some((own) => title.includes(own)))
        return {
          ordinal: ++ordinal,
          page: page.ordinal,
          span: { start: draft.start, end: draft.end },
          headingPath,
          context: [name, ...(page.label === undefined ? [] : [page.label]), ...outside].join('\n'),
        }
      })
    },
  }
}

/** As long as a title may be; the names of a hundred columns would outweigh the rows. */
const LONGEST_HEADER = 200

/** What a passage of `block` from `start` on stands in, besides titles. */
function surroundings(text: string, block: Block, start: number): readonly string[] {
  if (block.under !== undefined) return block.under
  if (block.kind !== 'table' || start === block.start) return []
  const lineEnd = text.indexOf('\n', block.start)
  const header = text.slice(block.start, Math.min(lineEnd === -1 ? block.end : lineEnd, block.start + LONGEST_HEADER))
  // Tables of plain text are parted by spaces, and as often have no header.
  return header.includes(' | ') ? [header.toWellFormed()] : []
}

function withoutTinyEnd(drafts: Draft[]): Draft[] {
  const last = drafts.at(-1)
  const before = drafts.at(-2)
  if (last === undefined || before === undefined || last.words >= TINY_WORDS) return drafts
  const joined = {
    start: before.start,
    end: last.end,
    words: before.words + last.words,
    path: before.path ?? last.path,
    titles: [...before.titles, ...last.titles],
  }
  return [...drafts.slice(0, -2), joined]
}

/** A document's name as words: `handbook/Leave_policy-2024.pdf` → `Leave policy 2024`. */
export function nameInWords(sourcePath: string): string {
  const file = sourcePath.slice(sourcePath.lastIndexOf('/') + 1)
  return file
    .replace(/\.[^.]{1,8}$/u, '')
    .replace(/[-_.]+/gu, ' ')
    .trim()
}
