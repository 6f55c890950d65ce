import { readable } from '../characters.ts'
import type { Piece } from '../sections.ts'

/** More steps of indentation than this say nothing to a reader. */
const DEEPEST_INDENT = 8
/** What calls itself a title and is longer is text inside a tag that somebody forgot to close. */
const LONGEST_HEADING = 400
/** Stands for `<br>` in collected text; NUL itself is dropped from a document's text. */
const BREAK = '\0'
const SUPERSCRIPTS = new Map(
  [...'0123456789+-−()n'].map((character, i) => [character, [...'⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ'][i] ?? '']),
)

interface OpenList {
  readonly kind: 'ul' | 'ol' | 'dl'
  next: number
}

/** A piece with what tells whether it is what the page is about. */
export interface HtmlPiece extends Piece {
  /** Share of its characters that stand in links. */
  readonly linked: number
}

/** Collects text between tags and makes pieces of it: a document has one, and each cell of a table has its own. */
export class Sink {
  pieces: HtmlPiece[] = []
  #text: string[] = []
  #length = 0
  #linkedLength = 0
  #heading: number | null = null
  #pre = 0
  #lists: OpenList[] = []
  #lines: string[] = []
  /** The bullet or number that the next line of a list starts with. */
  #mark: string | null = null
  #superscript: number | null = null

  get inHeading(): boolean {
    return this.#heading !== null
  }

  text(characters: string, isLink = false): void {
    this.#text.push(characters)
    this.#length += characters.length
    if (isLink) this.#linkedLength += characters.length
  }

  lineBreak(): void {
    this.#text.push(this.#pre > 0 ? '\n' : BREAK)
  }

  /** A tag that starts or ends a block: the text before it is complete. */
  boundary(): void {
    // A title may hold blocks; they do not end it.
    if (this.#heading !== null || this.#pre > 0) this.#text.push(this.#pre > 0 ? '\n' : ' ')
    else this.#flush()
  }

  openHeading(level: number): void {
    this.boundary()
    this.#heading ??= level
  }

  closeHeading(): void {
    const level = this.#heading
    if (level === null) return
    const linked = this.#takeLinked()
    // Sphinx and others hang a link's mark on their titles.
    const title = tidy(this.#take()).replaceAll('\n', ' ').replace(/\s*¶$/u, '')
    this.#heading = null
    if (title === '') return
    if (title.length > LONGEST_HEADING) this.emit([{ kind: 'paragraph', text: title, linked }])
    else this.emit([{ kind: 'heading', level, text: title, linked }])
  }

  openPre(): void {
    if (this.#pre === 0) this.#flush()
    this.#pre++
  }

  closePre(): void {
    this.#pre = Math.max(0, this.#pre - 1)
    if (this.#pre > 0) return
    const text = tidyCode(this.#take())
    if (text !== '') this.emit([{ kind: 'code', text, linked: 0 }])
  }

  openList(kind: OpenList['kind'], start: number): void {
    this.boundary()
    this.#lists.push({ kind, next: start })
  }

  closeList(): void {
    this.boundary()
    this.#lists.pop()
    this.#mark = null
    if (this.#lists.length === 0) this.#endLines()
  }

  openItem(tag: 'li' | 'dt' | 'dd'): void {
    this.boundary()
    const list = this.#lists.at(-1)
    if (list === undefined) return
    this.#mark = tag === 'dt' ? '' : list.kind === 'ol' ? `${list.next++}. ` : '- '
  }

  closeItem(): void {
    this.boundary()
    this.#mark = null
  }

  openSuperscript(): void {
    this.#superscript = this.#text.length
  }

  /** 10<sup>6</sup> is not 106. */
  closeSuperscript(): void {
    const from = this.#superscript
    this.#superscript = null
    if (from === null || from > this.#text.length) return
    const raised = [...this.#text.slice(from).join('').trim()]
    if (raised.length === 0 || !raised.every((character) => SUPERSCRIPTS.has(character))) return
    this.#text.length = from
    this.#text.push(raised.map((character) => SUPERSCRIPTS.get(character)).join(''))
  }

  /** Adds what is no running text: it parts a list that it stands in. */
  emit(pieces: readonly HtmlPiece[]): void {
    if (this.#heading === null && this.#pre === 0) this.#flush()
    this.#endLines()
    for (const piece of pieces) this.pieces.push(piece)
  }

  /** Ends everything that is open. */
  end(): HtmlPiece[] {
    this.closeHeading()
    if (this.#pre > 0) {
      this.#pre = 1
      this.closePre()
    }
    this.#flush()
    this.#endLines()
    return this.pieces
  }

  #take(): string {
    const text = this.#text.join('')
    this.#text = []
    this.#superscript = null
    return text
  }

  #takeLinked(): number {
    const share = this.#linkedLength / Math.max(1, this.#length)
    this.#length = 0
    this.#linkedLength = 0
    return share
  }

  #flush(): void {
    const text = tidy(this.#take())
    if (text === '') return
    if (this.#lists.length === 0) {
      this.pieces.push({ kind: 'paragraph', text, linked: this.#takeLinked() })
      return
    }
    const indent = '  '.repeat(Math.min(this.#lists.length - 1, DEEPEST_INDENT))
    const mark = this.#mark ?? '  '
    this.#mark = null
    for (const [i, line] of text.split('\n').entries())
      this.#lines.push(indent + (i === 0 ? mark : ' '.repeat(mark.length)) + line)
  }

  #endLines(): void {
    if (this.#lines.length === 0) return
    this.pieces.push({ kind: 'list', text: this.#lines.join('\n'), linked: this.#takeLinked() })
    this.#lines = []
  }
}

const UNUSUAL = /[^\P{C}\n]|[\u2E80-\u2FDF\uF900-\uFAFF\uFB00-\uFB06\uFB1D-\uFDFF\uFE70-\uFEFC]/gu
/** Joiners shape Persian, Indic scripts and emoji. */
const JOINER = /[\u200C\u200D]/u

/** Nobody sees the soft hyphens of a page, unlike those that a PDF draws. */
function clean(character: string): string {
  if (character === '\u00AD') return ''
  return JOINER.test(character) ? character : readable(character)
}

function tidy(text: string): string {
  return text
    .split(BREAK)
    .map((line) => line.replace(/\s+/gu, ' ').replace(UNUSUAL, clean).replace(/ {2,}/gu, ' ').trim())
    .filter((line) => line !== '')
    .join('\n')
}

function tidyCode(text: string): string {
  const lines = text.replace(/\r\n?/gu, '\n').replaceAll('\t', '    ').replace(UNUSUAL, clean).split('\n')
  const first = lines.findIndex((line) => line.trim() !== '')
  if (first === -1) return ''
  const last = lines.findLastIndex((line) => line.trim() !== '')
  return lines
    .slice(first, last + 1)
    .map((line) => line.trimEnd())
    .join('\n')
}
