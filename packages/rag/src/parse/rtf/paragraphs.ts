import { readable } from '../characters.ts'
import type { Piece } from '../sections.ts'
import { rowText } from '../table-text.ts'

const UNUSUAL = /\p{C}|[\uFB00-\uFB06]/gu

/** Makes pieces of a document's paragraphs, list items and table rows as they end. */
export class Paragraphs {
  #ready: Piece[] = []
  #text: string[] = []
  #mark: string | null = null
  #cells: string[] = []
  #rows: string[] = []
  #items: string[] = []

  text(characters: string): void {
    this.#text.push(characters)
  }

  /** What was written so far of this paragraph is its bullet or number. */
  endMark(): void {
    const mark = this.#take()
    this.#mark = /[\p{L}\p{N}]/u.test(mark) ? mark : '-'
  }

  endParagraph(level: number | null): void {
    const text = this.#take()
    const mark = this.#mark
    this.#mark = null
    if (text === '') return
    this.#endTable()
    if (mark !== null && level === null) {
      this.#items.push(`${mark} ${text}`)
      return
    }
    this.#endList()
    // Numbered titles have their number in the place of a mark.
    const title = mark === null || mark === '-' ? text : `${mark} ${text}`
    this.#ready.push(level === null ? { kind: 'paragraph', text } : { kind: 'heading', level, text: title })
  }

  endCell(): void {
    this.#cells.push(`${this.#mark === null ? '' : `${this.#mark} `}${this.#take()}`)
    this.#mark = null
  }

  endRow(): void {
    this.#endList()
    const row = rowText(this.#cells)
    this.#cells = []
    if (row !== '') this.#rows.push(row)
  }

  end(): void {
    if (this.#cells.length > 0) {
      this.endCell()
      this.endRow()
    }
    this.endParagraph(null)
    this.#endTable()
    this.#endList()
  }

  ready(): Piece[] {
    const pieces = this.#ready
    this.#ready = []
    return pieces
  }

  #take(): string {
    const text = this.#text
      .join('')
      .replace(/[^\S\n]+/gu, ' ')
      .replace(UNUSUAL, (character) => (character === '\n' ? '\n' : character === '\u00AD' ? '' : readable(character)))
      .replace(/ *\n[ \n]*/gu, '\n')
      .trim()
    this.#text = []
    return text
  }

  #endTable(): void {
    if (this.#rows.length > 0) this.#ready.push({ kind: 'table', text: this.#rows.join('\n') })
    this.#rows = []
  }

  #endList(): void {
    if (this.#items.length > 0) this.#ready.push({ kind: 'list', text: this.#items.join('\n') })
    this.#items = []
  }
}
