import { Parser } from 'htmlparser2'
import { regionOf, type Region } from './landmarks.ts'
import { Sink, type HtmlPiece } from './sink.ts'
import { OpenTable, RepeatBudget } from './table.ts'

/** What a reader of the page does not see as its text, or what is no text: controls, pictures, readings of ruby. */
const SKIPPED = new Set(
  (
    'script style noscript template title svg iframe object embed video audio canvas map select datalist textarea ' +
    'progress meter dialog rp rt annotation annotation-xml'
  ).split(' '),
)
const BLOCKS = new Set(
  (
    'html body p div section article header footer main aside nav address blockquote figure figcaption form fieldset ' +
    'legend details summary hr center caption tr td th hgroup search dir menu'
  ).split(' '),
)
const HIDING_STYLE = /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)/iu
/** Characters fed to the parser between two looks at what it found, so that pieces do not pile up. */
const STEP = 65_536
/**
 * No page nests like this, and the parser's time grows with the square of the depth: here everything is closed, and what
 * follows is read as if it stood at the top.
 */
const DEEPEST = 2000
/** Tables inside tables inside tables: deeper ones count as cells of this one. */
const DEEPEST_TABLE = 16

export interface HtmlOptions {
  /** `<br/>` and `<script/>` end themselves, as in XHTML. By default told from an XML declaration at the start. */
  readonly xhtml?: boolean
}

export interface FoundPiece {
  readonly piece: HtmlPiece
  /** Null outside of everything that has a meaning of its own. */
  readonly region: Region | null
}

/** The pieces of `piecesOfHtml`, with where on the page they stand. */
export function* readHtml(html: string, options: HtmlOptions): Generator<FoundPiece> {
  const xhtml = options.xhtml ?? /^\s*<\?xml\b/u.test(html)
  const reader = new Reader()
  for (let from = 0; from < html.length;) from = yield* readFrom(html, from, reader, xhtml)
  yield* reader.end()
}

/** @returns where to go on: the end, or behind the tag that opened one element too many. */
function* readFrom(html: string, from: number, reader: Reader, xhtml: boolean): Generator<FoundPiece, number> {
  let resumeAt: number | null = null
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (resumeAt !== null) return
        reader.open(name, attributes)
        if (reader.depth < DEEPEST) return
        resumeAt = from + parser.endIndex + 1
        parser.pause()
      },
      onclosetag: (name) => resumeAt === null && reader.close(name),
      ontext: (text) => resumeAt === null && reader.text(text),
    },
    { decodeEntities: true, recognizeSelfClosing: xhtml, recognizeCDATA: xhtml, lowerCaseTags: true },
  )
  for (let at = from; at < html.length; at += STEP) {
    parser.write(html.slice(at, at + STEP))
    if (resumeAt !== null) {
      reader.closeAll()
      return resumeAt
    }
    yield* reader.ready()
  }
  parser.end()
  return html.length
}

class Reader {
  readonly #root = new Sink()
  readonly #sinks: Sink[] = [this.#root]
  /** Null where tables nest too deep to be read as such. */
  readonly #tables: (OpenTable | null)[] = []
  readonly #budget = new RepeatBudget()
  readonly #open: { readonly name: string; readonly region: Region | null }[] = []
  #found: FoundPiece[] = []
  #furniture = 0
  #content = 0
  #links = 0
  /** Open elements since one that is left out, itself included. */
  #skipped = 0

  get #sink(): Sink {
    return this.#sinks.at(-1) ?? this.#root
  }

  get depth(): number {
    return this.#open.length
  }

  ready(): FoundPiece[] {
    this.#drain()
    const found = this.#found
    this.#found = []
    return found
  }

  end(): FoundPiece[] {
    this.#root.end()
    return this.ready()
  }

  text(characters: string): void {
    if (this.#skipped === 0) this.#sink.text(characters.replaceAll('\0', ''), this.#links > 0)
  }

  closeAll(): void {
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) this.close(last.name)
  }

  #drain(): void {
    const region = this.#furniture > 0 ? 'furniture' : this.#content > 0 ? 'content' : null
    for (const piece of this.#root.pieces) this.#found.push({ piece, region })
    this.#root.pieces = []
  }

  /** A cell of a table belongs to its table, whatever it holds. */
  #shiftRegion(region: Region | null, by: 1 | -1): void {
    if (region === null) return
    if (this.#sinks.length === 1) {
      this.#root.boundary()
      this.#drain()
    }
    if (region === 'furniture') this.#furniture += by
    else this.#content += by
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    const region = this.#skipped > 0 ? null : regionOf(name, attributes, this.#content > 0)
    this.#open.push({ name, region })
    this.#shiftRegion(region, 1)
    // Questions that unfold are titles with a button inside; any other button is a control.
    if (this.#skipped > 0 || isLeftOut(name, attributes) || (name === 'button' && !this.#sink.inHeading)) {
      this.#skipped++
      return
    }
    const sink = this.#sink
    const level = levelOf(name)
    if (level !== null) sink.openHeading(level)
    else if (BLOCKS.has(name)) sink.boundary()
    switch (name) {
      case 'br':
        return sink.lineBreak()
      case 'img':
        return sink.text(` ${attributes['alt'] ?? ''} `)
      case 'math':
        // Formulas have a text of their own beside the tree of glyphs.
        if (attributes['alttext'] === undefined) return
        sink.text(attributes['alttext'])
        this.#skipped = 1
        return
      case 'pre':
        return sink.openPre()
      case 'ul':
      case 'ol':
      case 'dl':
        return sink.openList(name, startOf(attributes['start']))
      case 'li':
      case 'dt':
      case 'dd':
        return sink.openItem(name)
      case 'a':
        this.#links++
        return
      case 'sup':
        return sink.openSuperscript()
      case 'table':
        return this.#openTable(attributes['role'])
      case 'tr':
        return this.#tables.at(-1)?.openRow()
      case 'td':
      case 'th': {
        const table = this.#tables.at(-1)
        if (table) this.#sinks.push(table.openCell(attributes['colspan'], attributes['rowspan']))
      }
    }
  }

  close(name: string): void {
    this.#shiftRegion(this.#open.pop()?.region ?? null, -1)
    if (this.#skipped > 0) {
      this.#skipped--
      return
    }
    if (name === 'td' || name === 'th') {
      if (this.#tables.at(-1)) this.#sinks.pop()
      else this.#sink.boundary()
      return
    }
    const sink = this.#sink
    if (levelOf(name) !== null) return sink.closeHeading()
    if (BLOCKS.has(name)) sink.boundary()
    switch (name) {
      case 'pre':
        return sink.closePre()
      case 'ul':
      case 'ol':
      case 'dl':
        return sink.closeList()
      case 'li':
      case 'dt':
      case 'dd':
        return sink.closeItem()
      case 'a':
        this.#links = Math.max(0, this.#links - 1)
        return
      case 'sup':
        return sink.closeSuperscript()
      case 'table': {
        const table = this.#tables.pop()
        if (table) this.#sink.emit(table.pieces(this.#budget))
      }
    }
  }

  #openTable(role: string | undefined): void {
    this.#sink.boundary()
    this.#tables.findLast((table) => table !== null)?.holdsTable()
    const tooDeep = this.#tables.length >= DEEPEST_TABLE
    this.#tables.push(tooDeep ? null : new OpenTable(role === 'presentation' || role === 'none'))
  }
}

function isLeftOut(name: string, attributes: Readonly<Record<string, string>>): boolean {
  if (SKIPPED.has(name)) return true
  if (attributes['hidden'] !== undefined && attributes['hidden'] !== 'until-found') return true
  return HIDING_STYLE.test(attributes['style'] ?? '')
}

const levelOf = (name: string) => (/^h[1-6]$/u.test(name) ? Number(name.charAt(1)) : null)

function startOf(attribute: string | undefined): number {
  const start = Number.parseInt(attribute ?? '1', 10)
  return Number.isSafeInteger(start) ? start : 1
}
