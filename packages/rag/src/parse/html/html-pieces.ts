import type { Piece } from '../sections.ts'
import { readHtml, type HtmlOptions } from './reader.ts'
import type { HtmlPiece } from './sink.ts'

export type { HtmlOptions } from './reader.ts'

/**
 * The pieces of an HTML document or fragment in order, as a reader sees them: titles, paragraphs, lists (a line per
 * item, nested ones indented), tables (`rowText` lines, the first row being the header) and code. Hidden elements, scripts
 * and controls are left out, links and images give their text, white space is collapsed. Reads as a stream with stacks of
 * its own, so that no depth of nesting overflows; malformed markup never throws.
 */
export function* piecesOfHtml(html: string, options: HtmlOptions = {}): Generator<Piece> {
  for (const { piece } of readHtml(html, options)) yield plain(piece)
}

export const plain = ({ linked: _linked, ...piece }: HtmlPiece): Piece => piece
