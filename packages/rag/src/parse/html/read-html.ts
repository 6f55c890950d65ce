import { Parser } from 'htmlparser2'
import { decodeText } from '../decode.ts'
import { ParseFailure, type ReadStep } from '../parsed-page.ts'
import type { Piece } from '../sections.ts'
import { bytesOf, type Source } from '../source.ts'
import { stepsOfText } from '../text/text-steps.ts'
import { mainContentOf } from './main-content.ts'

/** Where the HTML standard looks for a page's encoding (13.2.3.2), with room for what people put before it. */
const DECLARATION_WITHIN_BYTES = 4096
const LONGEST_TITLE = 300

/**
 * Reads a web page in sections: its main content under its title.
 * @throws ParseFailure `empty`, `not_text`.
 */
export async function* readHtml(source: Source): AsyncGenerator<ReadStep> {
  const bytes = await bytesOf(source)
  const { text, guessed } = decodeText(bytes, declaredEncoding(bytes))
  let isEmpty = true
  for (const step of stepsOfText(titled(mainContentOf(text), titleOf(text)), guessed)) {
    isEmpty = false
    yield step
  }
  if (isEmpty) throw new ParseFailure('empty')
}

/** What a page or an XML file says about its encoding. */
export function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, DECLARATION_WITHIN_BYTES))
  const text = head.toString('latin1')
  return (
    /<meta\s[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)/iu.exec(text)?.[1] ??
    /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]+)/iu.exec(text)?.[1]
  )
}

/** A page whose content does not soon come to a title of its own stands under the one in its window bar. */
function* titled(pieces: Iterable<Piece>, title: string): Generator<Piece> {
  let start: Piece[] | null = title === '' ? null : []
  for (const piece of pieces) {
    if (start === null) {
      yield piece
      continue
    }
    start.push(piece)
    const isTitled = piece.kind === 'heading' && piece.level === 1
    if (!isTitled && start.length < TITLE_WITHIN_PIECES) continue
    if (!isTitled) yield { kind: 'heading', level: 1, text: title }
    yield* start
    start = null
  }
  if (start === null || start.length === 0) return
  yield { kind: 'heading', level: 1, text: title }
  yield* start
}
/** Further down it is that of a part. */
const TITLE_WITHIN_PIECES = 50

function titleOf(html: string): string {
  let title = ''
  let isOpen = false
  let isRead = false
  const parser = new Parser({
    onopentag: (name) => {
      if (name === 'title' && !isRead) isOpen = true
      // Titles further down are those of drawings.
      if (name === 'body' || name === 'svg') parser.pause()
    },
    onclosetag: (name) => {
      if (name !== 'title') return
      isRead = true
      parser.pause()
    },
    ontext: (text) => {
      if (isOpen && !isRead && title.length < LONGEST_TITLE) title += text
    },
  })
  parser.write(html.slice(0, TITLE_WITHIN))
  return title
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TITLE)
    .toWellFormed()
}
const TITLE_WITHIN = 200_000
