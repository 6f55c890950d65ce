import { countWords } from '../../chunk/units.ts'
import type { Piece } from '../sections.ts'
import { plain } from './html-pieces.ts'
import { readHtml, type FoundPiece } from './reader.ts'

/** What says it is the content holds at least this share of what is no furniture, or it is one article of several. */
const CONTENT_SHARE = 0.5
/** Below this share of the page's words, what seemed to be furniture is the page. */
const LEAST_SHARE = 0.15
/** Menus of pages without landmarks: lists of nearly nothing but links. */
const LINKED = 0.85
/** A page of which menus are the half is an index, and its links are its content. */
const INDEX_SHARE = 0.5

/**
 * What a web page is about, without what stands around it on every page of its site. Goes by what the page itself says
 * (landmarks, roles, the names that sites and generators use), and keeps all of what is in doubt: of an article of 87,000
 * characters, extraction by scores (defuddle) dropped the table of facts and whole sections, and took six times as long.
 */
export function* mainContentOf(html: string): Generator<Piece> {
  if (html.length <= WEIGHED_CHARACTERS) {
    yield* weighed(html)
    return
  }
  for (const { piece, region } of readHtml(html, {})) if (region !== 'furniture') yield plain(piece)
}

/** A longer document is a book or an export, which nobody dresses up; weighing its parts would mean to hold them all. */
const WEIGHED_CHARACTERS = 5_000_000

function weighed(html: string): Piece[] {
  const found = [...readHtml(html, {})]
  const body = found.filter(({ region }) => region !== 'furniture')
  if (words(body) < LEAST_SHARE * words(found)) return found.map(({ piece }) => plain(piece))
  const content = body.filter(({ region }) => region === 'content')
  if (content.length > 0 && words(content) >= CONTENT_SHARE * words(body))
    return content.map(({ piece }) => plain(piece))
  const menus = body.filter(isMenu)
  const kept = words(menus) < INDEX_SHARE * words(body) ? body.filter((each) => !menus.includes(each)) : body
  return kept.map(({ piece }) => plain(piece))
}

const isMenu = ({ piece, region }: FoundPiece) =>
  region === null && piece.kind === 'list' && piece.linked >= LINKED && piece.text.includes('\n')

const words = (found: readonly FoundPiece[]) => found.reduce((sum, { piece }) => sum + countWords(piece.text), 0)
