import type { Piece } from '../../sections.ts'
import { TableBuilder } from '../table-builder.ts'
import { tidy, tidyLine } from '../tidy.ts'
import type { Attributes, XmlHandler } from '../xml-events.ts'
import type { OdtLists } from './lists.ts'

/**
 * What is no text of the document as it stands: tracked deletions, comments, marks of notes, descriptions of pictures,
 * and generated lists that repeat what stands elsewhere.
 */
const SKIPPED = new Set(
  (
    'tracked-changes annotation note-citation title desc table-of-content illustration-index table-index object-index ' +
    'alphabetical-index forms scripts binary-data hidden-text'
  ).split(' '),
)
const DEEPEST_INDENT = 8
const MOST_LIST_LINES = 500
const MOST_REPEATED_CELLS = 20

interface Paragraph {
  text: string
  readonly level: number | null
  readonly notes: string[]
}

/** Reads `office:body` of an OpenDocument text (ODF 1.3 part 3, clauses 5 and 9) into pieces. */
export function bodyHandler(lists: OdtLists, parents: Map<string, string>, emit: (piece: Piece) => void): XmlHandler {
  const paragraphs: Paragraph[] = []
  const tables: TableBuilder[] = []
  let lines: string[] = []
  let mark: string | null = null
  let skipped = 0
  let notes = 0
  /** Columns that the last cell covers to its right. */
  let covered = 0

  const out = (piece: Piece) => {
    const table = tables.at(-1)
    if (table === undefined) emit(piece)
    else table.add(piece)
  }
  const endList = () => {
    if (lines.length > 0) out({ kind: 'list', text: lines.join('\n') })
    lines = []
  }

  const endParagraph = ({ text: raw, level, notes: own }: Paragraph) => {
    const text = tidy(raw)
    if (text !== '' && notes > 0) paragraphs.at(-1)?.notes.push(text)
    else if (text !== '' && level !== null) {
      endList()
      out({ kind: 'heading', level, text: tidyLine(text) })
    } else if (text !== '' && lists.depth > 0) {
      const indent = '  '.repeat(Math.min(lists.depth - 1, DEEPEST_INDENT))
      const lead = mark === null ? '  ' : `${mark} `
      mark = null
      for (const [i, line] of text.split('\n').entries())
        lines.push(indent + (i === 0 ? lead : ' '.repeat(lead.length)) + line)
      if (lines.length >= MOST_LIST_LINES) endList()
    } else if (text !== '') {
      endList()
      out({ kind: 'paragraph', text })
    }
    if (own.length > 0) endList()
    for (const note of own) out({ kind: 'paragraph', text: note })
  }

  const levelOf = (name: string, attributes: Attributes): number | null => {
    const style = attributes['style-name'] ?? ''
    if (name === 'p') return [style, parents.get(style)].includes('Title') ? 1 : null
    return Math.min(6, Math.max(1, Number(attributes['outline-level'] ?? '1') || 1))
  }

  const openCell = (attributes: Attributes) => {
    const repeated = Math.min(MOST_REPEATED_CELLS, Number(attributes['number-columns-repeated'] ?? '1') || 1)
    for (let i = 0; i < repeated; i++) tables.at(-1)?.openCell()
  }

  return {
    open(name, attributes) {
      if (skipped > 0 || SKIPPED.has(name)) {
        skipped++
        return
      }
      const paragraph = paragraphs.at(-1)
      switch (name) {
        case 'p':
        case 'h':
          paragraphs.push({ text: '', level: levelOf(name, attributes), notes: [] })
          return
        case 's':
        case 'tab':
          if (paragraph !== undefined) paragraph.text += ' '
          return
        case 'line-break':
          if (paragraph !== undefined) paragraph.text += '\n'
          return
        case 'note-body':
          notes++
          return
        case 'list':
          lists.open(attributes)
          return
        case 'list-item':
          mark = lists.mark(attributes['start-value'])
          return
        case 'table':
          endList()
          tables.push(new TableBuilder())
          return
        case 'table-row':
          tables.at(-1)?.openRow()
          covered = 0
          return
        case 'table-cell':
          openCell(attributes)
          covered = (Number(attributes['number-columns-spanned'] ?? '1') || 1) - 1
          return
        case 'covered-table-cell':
          openCell(attributes)
          if (covered > 0) covered--
          else tables.at(-1)?.continueAbove()
      }
    },
    text(text) {
      const paragraph = paragraphs.at(-1)
      if (skipped === 0 && paragraph !== undefined) paragraph.text += text
    },
    close(name) {
      if (skipped > 0) {
        skipped--
        return
      }
      switch (name) {
        case 'p':
        case 'h': {
          const paragraph = paragraphs.pop()
          if (paragraph !== undefined) endParagraph(paragraph)
          return
        }
        case 'note-body':
          notes--
          return
        case 'list':
          lists.close()
          mark = null
          if (lists.depth === 0) endList()
          return
        case 'table-cell':
          endList()
          return
        case 'table-row':
          if (tables.length === 1) for (const piece of tables[0]?.full() ?? []) emit(piece)
          return
        case 'table':
          for (const piece of tables.pop()?.end() ?? []) out(piece)
      }
    },
  }
}
