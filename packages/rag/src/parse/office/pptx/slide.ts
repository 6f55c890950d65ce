import type { Piece } from '../../sections.ts'
import { TableBuilder } from '../table-builder.ts'
import { tidy, tidyLine } from '../tidy.ts'
import type { Attributes, XmlHandler } from '../xml-events.ts'

type Bullet = 'none' | 'point' | 'number' | null
interface Paragraph {
  text: string
  depth: number
  bullet: Bullet
}
interface Shape {
  /** Of `p:ph`: what the layout keeps this place for; null for a shape of the author's own. */
  place: string | null
  readonly pieces: Piece[]
  paragraphs: Paragraph[]
}

export interface SlideText {
  readonly titles: readonly string[]
  /** What is no title, in the order in which it is read aloud. */
  readonly pieces: readonly Piece[]
}

/** Places of a layout that say nothing of the slide: its number, the date, the running footer and header. */
const FURNITURE = new Set(['sldNum', 'dt', 'ftr', 'hdr', 'sldImg'])
const TITLES = new Set(['title', 'ctrTitle'])
const DEEPEST_INDENT = 8

/**
 * Reads a slide, or its notes (PresentationML, ECMA-376 part 1, clause 19). Shapes stand in the order in which they are
 * drawn, which is also the one that screen readers read them in.
 * @param places only shapes in these places, for notes
 */
export function slideHandler(emit: (slide: SlideText) => void, places: ReadonlySet<string> | null = null): XmlHandler {
  const titles: string[] = []
  const pieces: Piece[] = []
  const tables: TableBuilder[] = []
  let shape: Shape = newShape()
  let paragraph: Paragraph | null = null
  let inText = false
  let skipped = 0

  const endShape = () => {
    const { place } = shape
    shape.pieces.push(...piecesOf(shape, places === null))
    const own = shape.pieces
    shape = newShape()
    if (place !== null && FURNITURE.has(place)) return
    if (places !== null && !places.has(place ?? '')) return
    if (place !== null && TITLES.has(place)) titles.push(...own.map(({ text }) => tidyLine(text)))
    else pieces.push(...own)
  }

  const openInText = (name: string, { lvl }: Attributes) => {
    if (paragraph === null) return
    if (name === 'br') paragraph.text += '\n'
    else if (name === 'tab') paragraph.text += ' '
    else if (name === 'pPr') paragraph.depth = Math.max(0, Number(lvl ?? '0') || 0)
    else if (name === 'buNone') paragraph.bullet = 'none'
    else if (name === 'buChar' || name === 'buBlip') paragraph.bullet = 'point'
    else if (name === 'buAutoNum') paragraph.bullet = 'number'
  }

  return {
    open(name, attributes) {
      // Older twins of what newer versions draw, and lists of styles, which have bullets of their own.
      if (skipped > 0 || name === 'Fallback' || name === 'lstStyle') {
        skipped++
        return
      }
      switch (name) {
        case 'sp':
        case 'graphicFrame':
          shape = newShape()
          return
        case 'ph':
          shape.place = attributes['type'] ?? 'obj'
          return
        case 'p':
          paragraph = { text: '', depth: 0, bullet: null }
          return
        case 't':
          inText = true
          return
        case 'tbl':
          tables.push(new TableBuilder())
          return
        case 'tr':
          tables.at(-1)?.openRow()
          return
        case 'tc': {
          const table = tables.at(-1)
          table?.openCell()
          // Cells that a wider one covers are there, and empty.
          if (attributes['vMerge'] === '1' || attributes['vMerge'] === 'true') table?.continueAbove()
          return
        }
        default:
          openInText(name, attributes)
      }
    },
    text(text) {
      if (skipped === 0 && inText && paragraph !== null) paragraph.text += text
    },
    close(name) {
      if (skipped > 0) {
        skipped--
        return
      }
      switch (name) {
        case 't':
          inText = false
          return
        case 'p': {
          const text = tidy(paragraph?.text ?? '')
          const table = tables.at(-1)
          if (paragraph !== null && text !== '') {
            if (table === undefined) shape.paragraphs.push({ ...paragraph, text })
            else table.add({ kind: 'paragraph', text })
          }
          paragraph = null
          return
        }
        case 'tbl': {
          shape.pieces.push(...(tables.pop()?.end() ?? []))
          return
        }
        case 'sp':
        case 'graphicFrame':
          return endShape()
        case 'sld':
        case 'notes':
          emit({ titles, pieces })
      }
    },
  }
}

const newShape = (): Shape => ({ place: null, pieces: [], paragraphs: [] })

/**
 * Paragraphs with bullets next to each other are one list.
 * @param onSlide the body of a slide has bullets unless it says otherwise; notes have none
 */
function piecesOf({ place, paragraphs }: Shape, onSlide: boolean): Piece[] {
  const pieces: Piece[] = []
  const usual: Bullet = onSlide && (place === 'obj' || place === 'body') && paragraphs.length > 1 ? 'point' : 'none'
  let list: string[] = []
  let numbers: number[] = []
  const endList = () => {
    if (list.length > 0) pieces.push({ kind: 'list', text: list.join('\n') })
    list = []
    numbers = []
  }
  for (const { text, depth, bullet } of paragraphs) {
    const shown = bullet ?? usual
    if (shown === 'none') {
      endList()
      pieces.push({ kind: 'paragraph', text })
      continue
    }
    const level = Math.min(depth, DEEPEST_INDENT)
    numbers.length = Math.min(numbers.length, level + 1)
    if (shown === 'number') numbers[level] = (numbers[level] ?? 0) + 1
    const mark = shown === 'number' ? `${numbers[level]}. ` : '- '
    list.push('  '.repeat(level) + mark + text.replaceAll('\n', ' '))
  }
  endList()
  return pieces
}
