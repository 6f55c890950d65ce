import { ParseFailure, type ReadStep } from '../parsed-page.ts'
import type { Piece } from '../sections.ts'
import { bytesOf, type Source } from '../source.ts'
import { stepsOfText } from '../text/text-steps.ts'
import { labelOfCharacterSet, labelOfCodePage } from './code-pages.ts'
import { Paragraphs } from './paragraphs.ts'
import { tokensOf } from './tokens.ts'

/**
 * Reads RTF in sections: paragraphs, titles (by style or outline level), lists and tables. Our own reader of the format's
 * specification (1.9.1): of the packages for it, those that keep structure were last changed years ago or draw with a
 * browser's canvas, and the one that is maintained takes e-mails out of it, no documents.
 * @throws ParseFailure `empty`, `damaged` when it does not start as RTF does.
 */
export async function* readRtf(source: Source): AsyncGenerator<ReadStep> {
  const bytes = await bytesOf(source)
  const rtf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!/^\s*\{\\rtf/u.test(rtf)) throw new ParseFailure('damaged')
  let isEmpty = true
  for (const step of stepsOfText(piecesOfRtf(rtf), false)) {
    isEmpty = false
    yield step
  }
  if (isEmpty) throw new ParseFailure('empty')
}

/** Groups that hold no text of the document. Those marked with `\*` are left out anyway, unless they are in `STARRED`. */
const LEFT_OUT = new Set(
  (
    'colortbl info pict objdata fldinst header headerl headerr headerf footer footerl footerr footerf template listtable ' +
    'listoverridetable revtbl rsidtbl filetbl xmlnstbl themedata colorschememapping datastore latentstyles pgdsctbl ' +
    'mmathPr bkmkstart bkmkend annotation atnid atnauthor atnref nonshppict datafield formfield operator tc xe rxe txe do'
  ).split(' '),
)
const STARRED = new Set(['pntext', 'shptxt', 'shpinst', 'fldrslt'])
const CHARACTERS: Readonly<Record<string, string>> = {
  ...{
    tab: ' ',
    line: '\n',
    lbr: '\n',
    emdash: '—',
    endash: '–',
    lquote: '‘',
    rquote: '’',
    ldblquote: '“',
    rdblquote: '”',
  },
  ...{ bullet: '•', emspace: ' ', enspace: ' ', qmspace: ' ', '~': ' ', _: '-', '{': '{', '}': '}', '\\': '\\' },
}
const PARAGRAPH_ENDS = new Set(['par', 'sect', 'page', 'column', '\n', '\r'])

interface Group {
  readonly leftOut: boolean
  readonly hidden: boolean
  readonly font: number
  /** Characters after `\uN` for programs that know no Unicode. */
  readonly fallback: number
  readonly inTable: boolean
  readonly style: number | null
  readonly outline: number | null
  readonly part: 'text' | 'fonts' | 'styles' | 'mark'
}

const START: Group = {
  ...{ leftOut: false, hidden: false, font: -1, fallback: 1, inTable: false, style: null, outline: null, part: 'text' },
}

function* piecesOfRtf(rtf: string): Generator<Piece> {
  const reader = new Reader()
  for (const token of tokensOf(rtf)) {
    if (token.kind === 'bytes') reader.bytes(token.bytes, token.isEscape)
    else if (token.kind === 'word') reader.word(token.word, token.value)
    else if (token.kind === 'open') reader.open()
    else reader.close()
    yield* reader.paragraphs.ready()
  }
  reader.end()
  yield* reader.paragraphs.ready()
}

class Reader {
  readonly paragraphs = new Paragraphs()
  #group = START
  readonly #outer: Group[] = []
  #encoding = 'windows-1252'
  readonly #fontEncodings = new Map<number, string>()
  readonly #headings = new Map<number, number>()
  #defaultFont = -1
  #isStarred = false
  #isStart = false
  /** Of the fallback for the last `\uN`. */
  #toSkip = 0
  /** Bytes of one encoding that wait for the rest of a character. */
  #pending = ''
  #styleName = ''
  #definedStyle = 0

  open(): void {
    this.#flush()
    this.#outer.push(this.#group)
    this.#isStart = true
    this.#isStarred = false
    this.#toSkip = 0
  }

  close(): void {
    this.#flush()
    if (this.#group.part === 'styles') this.#defineStyle()
    const outer = this.#outer.pop() ?? START
    if (this.#group.part === 'mark' && outer.part !== 'mark') this.paragraphs.endMark()
    this.#group = outer
    this.#isStart = false
    this.#toSkip = 0
  }

  end(): void {
    this.#flush()
    this.paragraphs.end()
  }

  bytes(bytes: string, isEscape: boolean): void {
    this.#isStart = false
    const own = isEscape && this.#toSkip > 0 ? '' : bytes.slice(Math.min(this.#toSkip, bytes.length))
    this.#toSkip = Math.max(0, this.#toSkip - bytes.length)
    this.#pending += own
  }

  word(word: string, value: number | null): void {
    if (word === '*') {
      this.#isStarred = true
      return
    }
    if (this.#isStart) this.#start(word)
    if (word === 'u') {
      this.#flush()
      const unit = ((value ?? 0) + 0x1_0000) % 0x1_0000
      if (unit !== 0) this.#put(String.fromCharCode(unit))
      this.#toSkip = this.#group.fallback
      return
    }
    const character = CHARACTERS[word]
    if (character !== undefined) {
      if (this.#toSkip > 0) this.#toSkip--
      else if (word.length === 1 && '{}\\'.includes(word)) this.#pending += word
      else {
        this.#flush()
        this.#put(character)
      }
      return
    }
    if (word === '-' || word === ':' || word === '|') return
    this.#flush()
    this.#format(word, value)
  }

  /** The first word of a group says what the group is. */
  #start(word: string): void {
    this.#isStart = false
    const isLeftOut = LEFT_OUT.has(word) || (this.#isStarred && !STARRED.has(word) && this.#group.part !== 'styles')
    if (isLeftOut) this.#group = { ...this.#group, leftOut: true }
    else if (word === 'fonttbl') this.#group = { ...this.#group, part: 'fonts' }
    else if (word === 'stylesheet') this.#group = { ...this.#group, part: 'styles' }
    else if (word === 'footnote') this.#put(' ')
    else if (word === 'listtext' || word === 'pntext') this.#group = { ...this.#group, part: 'mark' }
  }

  #format(word: string, value: number | null): void {
    const group = this.#group
    if (PARAGRAPH_ENDS.has(word)) {
      if (!this.#isText) return
      if (group.inTable) this.#put('\n')
      else this.paragraphs.endParagraph(this.#level())
      return
    }
    switch (word) {
      case 'cell':
      case 'nestcell':
        if (this.#isText) this.paragraphs.endCell()
        return
      case 'row':
      case 'nestrow':
        if (this.#isText) this.paragraphs.endRow()
        return
      case 'pard':
        this.#group = { ...group, inTable: false, style: null, outline: null }
        return
      case 'intbl':
        this.#group = { ...group, inTable: true }
        return
      case 's':
        if (group.part === 'styles') this.#definedStyle = value ?? 0
        this.#group = { ...group, style: value }
        return
      case 'outlinelevel':
        if (group.part === 'styles' && value !== null && value < 6) this.#headings.set(this.#definedStyle, value + 1)
        this.#group = { ...group, outline: value }
        return
      case 'v':
      case 'deleted':
        this.#group = { ...group, hidden: value !== 0 }
        return
      case 'plain':
        this.#group = { ...group, font: this.#defaultFont, hidden: false }
        return
      case 'f':
        this.#group = { ...group, font: value ?? 0 }
        return
      case 'deff':
        this.#defaultFont = value ?? 0
        return
      case 'uc':
        this.#group = { ...group, fallback: Math.max(0, value ?? 1) }
        return
      case 'fcharset': {
        const label = labelOfCharacterSet(value ?? 0)
        if (group.part === 'fonts' && label !== null) this.#fontEncodings.set(group.font, label)
        return
      }
      case 'ansicpg':
        this.#encoding = labelOfCodePage(value ?? 0)
        return
      case 'mac':
        this.#encoding = 'macintosh'
    }
  }

  get #isText(): boolean {
    return !this.#group.leftOut && (this.#group.part === 'text' || this.#group.part === 'mark')
  }

  #put(characters: string): void {
    if (this.#group.part === 'styles') this.#styleName += characters
    else if (this.#isText && !this.#group.hidden) this.paragraphs.text(characters)
  }

  #flush(): void {
    if (this.#pending === '') return
    const bytes = Buffer.from(this.#pending, 'latin1')
    this.#pending = ''
    const { part, leftOut } = this.#group
    if (leftOut || part === 'fonts') return
    const encoding = this.#fontEncodings.get(this.#group.font) ?? this.#encoding
    this.#put(new TextDecoder(encoding).decode(bytes))
  }

  /** Programs name the styles of titles in English, whatever language they speak. */
  #defineStyle(): void {
    const level = /^\s*heading ([1-6])\s*;?\s*$/iu.exec(this.#styleName)?.[1]
    if (level !== undefined) this.#headings.set(this.#definedStyle, Number(level))
    this.#styleName = ''
    this.#definedStyle = 0
  }

  #level(): number | null {
    const { outline, style } = this.#group
    if (outline !== null && outline < 6) return outline + 1
    return style === null ? null : (this.#headings.get(style) ?? null)
  }
}
