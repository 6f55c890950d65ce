import type { Piece } from '../../sections.ts'
import { TableBuilder } from '../table-builder.ts'
import { tidy, tidyLine } from '../tidy.ts'
import type { Attributes, XmlHandler } from '../xml-events.ts'
import type { Numbering } from './numbering.ts'
import { levelOf, type ParagraphStyle } from './styles.ts'

export interface BodyParts {
  readonly style: (id: string) => ParagraphStyle
  readonly numbering: Numbering
  /** Text of a footnote or endnote. */
  readonly note: (kind: 'footnote' | 'endnote', id: string) => string | undefined
}

/**
 * What is no text of the document as it stands: tracked deletions and the old place of what was moved, field codes,
 * older twins of drawings, earlier formats, page set-up.
 */
const SKIPPED = new Set(
  'del moveFrom delText delInstrText instrText Fallback rPrChange pPrChange tblPrChange trPrChange tcPrChange sectPr binData'.split(
    ' ',
  ),
)
const DEEPEST_INDENT = 8
/** A list is given in parts of so many lines. */
const MOST_LIST_LINES = 500
/** A title is one; what is longer was only made to look like one. */
const LONGEST_HEADING = 400

interface Paragraph {
  text: string
  style: string
  level: number | null
  numId: string | null
  listLevel: number | null
  notes: string[]
}

/** Reads `word/document.xml` (WordprocessingML, ECMA-376 part 1, clause 17) into pieces. */
export function bodyHandler(parts: BodyParts, emit: (piece: Piece) => void): XmlHandler {
  const paragraphs: Paragraph[] = []
  const tables: TableBuilder[] = []
  let list: string[] = []
  let skipped = 0
  /** In `w:t`: everything else between tags is white space or no text. */
  let inText = 0
  /** In `w:rPr` of a run, and whether the run is hidden. */
  let inRun = 0
  let hidden = false
  let isContentsField = false

  const out = (piece: Piece) => {
    const table = tables.at(-1)
    if (table === undefined) emit(piece)
    else table.add(piece)
  }
  const endList = () => {
    if (list.length > 0) out({ kind: 'list', text: list.join('\n') })
    list = []
  }

  const endParagraph = ({ text: raw, style: id, level: own, numId: ownNumId, listLevel, notes }: Paragraph) => {
    const style = parts.style(id)
    const text = tidy(raw)
    const numId = ownNumId ?? style.numId
    // Numbers are counted also over paragraphs that are skipped, and 0 takes a style's numbers away.
    const depth = listLevel ?? style.listLevel
    const mark = numId === null || numId === '0' || text === '' ? null : parts.numbering.mark(numId, depth)
    if (text === '' || style.isContents) return
    const level = own ?? style.level
    if (level !== null && text.length <= LONGEST_HEADING) {
      endList()
      const title = tidyLine(text)
      out({ kind: 'heading', level, text: mark === null || mark === '-' ? title : `${mark} ${title}`.trim() })
    } else if (mark !== null) {
      const indent = '  '.repeat(Math.min(depth, DEEPEST_INDENT))
      const lead = mark === '' ? '' : `${mark} `
      const [first = '', ...rest] = text.split('\n')
      list.push(indent + lead + first, ...rest.map((line) => indent + ' '.repeat(lead.length) + line))
      if (list.length >= MOST_LIST_LINES) endList()
    } else {
      endList()
      out({ kind: 'paragraph', text })
    }
    for (const note of notes) {
      endList()
      out({ kind: 'paragraph', text: note })
    }
  }

  const openInParagraph = (paragraph: Paragraph, name: string, { val, id }: Attributes) => {
    switch (name) {
      case 'pStyle':
        paragraph.style = val ?? ''
        return
      case 'outlineLvl':
        paragraph.level = levelOf(Number(val))
        return
      case 'numId':
        paragraph.numId = val ?? null
        return
      case 'ilvl':
        paragraph.listLevel = Number(val)
        return
      case 'tab':
      case 'ptab':
        // Also a stop in `w:pPr`, before any text.
        if (inRun > 0) paragraph.text += ' '
        return
      case 'br':
      case 'cr':
        paragraph.text += '\n'
        return
      case 'noBreakHyphen':
        paragraph.text += '-'
        return
      case 'footnoteReference':
      case 'endnoteReference': {
        const note = parts.note(name === 'footnoteReference' ? 'footnote' : 'endnote', id ?? '')
        if (note !== undefined) paragraph.notes.push(note)
      }
    }
  }

  return {
    open(name, attributes) {
      if (skipped > 0 || SKIPPED.has(name) || (isContentsField && name === 'sdtContent')) {
        skipped++
        return
      }
      switch (name) {
        case 'p':
          paragraphs.push({ text: '', style: '', level: null, numId: null, listLevel: null, notes: [] })
          return
        case 'r':
          inRun++
          hidden = false
          return
        case 't':
          inText++
          return
        case 'vanish':
          if (inRun > 0 && !['0', 'false', 'off'].includes(attributes['val'] ?? '')) hidden = true
          return
        case 'sdt':
          isContentsField = false
          return
        case 'docPartGallery':
          isContentsField = attributes['val'] === 'Table of Contents'
          return
        case 'tbl':
          endList()
          tables.push(new TableBuilder())
          return
        case 'tr':
          tables.at(-1)?.openRow()
          return
        case 'tc':
          tables.at(-1)?.openCell()
          return
        case 'gridSpan':
          tables.at(-1)?.widen(Number(attributes['val']))
          return
        case 'vMerge':
          if (attributes['val'] !== 'restart') tables.at(-1)?.continueAbove()
          return
        default: {
          const paragraph = paragraphs.at(-1)
          if (paragraph !== undefined) openInParagraph(paragraph, name, attributes)
        }
      }
    },
    text(text) {
      const paragraph = paragraphs.at(-1)
      if (skipped === 0 && inText > 0 && !hidden && paragraph !== undefined) paragraph.text += text
    },
    close(name) {
      if (skipped > 0) {
        skipped--
        return
      }
      switch (name) {
        case 't':
          inText--
          return
        case 'r':
          inRun--
          hidden = false
          return
        case 'p': {
          const paragraph = paragraphs.pop()
          if (paragraph !== undefined) endParagraph(paragraph)
          return
        }
        case 'sdt':
          isContentsField = false
          return
        case 'tc':
          endList()
          return
        case 'tr': {
          // Rows of an inner table belong to a cell of the outer one, whole.
          if (tables.length === 1) for (const piece of tables[0]?.full() ?? []) emit(piece)
          return
        }
        case 'tbl': {
          endList()
          for (const piece of tables.pop()?.end() ?? []) out(piece)
          return
        }
        case 'body':
          endList()
      }
    },
  }
}
