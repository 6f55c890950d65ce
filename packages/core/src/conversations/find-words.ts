import { and, eq, or, sql, type AnyColumn, type SQL } from 'drizzle-orm'
import { schema } from '@quarry/db'

/** More than anybody types; what comes after narrows no further. */
const MAX_WORDS = 8
/** Characters on each side of the word that was found: together about two lines of a sidebar. */
const BEFORE = 24
const AFTER = 70

/** The words of a query, each once. */
export const wordsOf = (query: string | null | undefined): string[] =>
  [...new Set((query ?? '').normalize('NFC').split(/\s+/u))].filter((word) => word !== '').slice(0, MAX_WORDS)

/** As it stands, whatever its case, in text that is folded. Not `ilike`: it has wildcards to escape. */
export const hasWord = (folded: AnyColumn | SQL, word: string): SQL => sql`strpos(${folded}, lower(${word})) > 0`

/** For a conversation: each word stands in its title or in one of its messages. */
export const hasWords = (orgId: string, words: readonly string[]): SQL | undefined => {
  const { conversation, message } = schema
  const said = (word: string) =>
    sql`exists (select 1 from ${message} where ${and(
      eq(message.orgId, orgId),
      eq(message.conversationId, conversation.id),
      hasWord(message.folded, word),
    )})`
  return and(...words.map((word) => or(hasWord(sql`lower(${conversation.title})`, word), said(word))))
}

/** Whether a text has all the words. */
export const hasAll = (text: string, words: readonly string[]): boolean => {
  const folded = text.toLowerCase()
  return words.every((word) => folded.includes(word.toLowerCase()))
}

/**
 * A piece of a message around the first of the words in it, on one line, without its citation markers and the signs of
 * Markdown. Begins and ends with an ellipsis where the text goes on.
 */
export const pieceAround = (text: string, words: readonly string[]): string => {
  const line = text
    .replaceAll(/\[\^\d{1,4}\]/g, '')
    .replaceAll(/^\s*[-+]\s/gm, '')
    .replaceAll(/[*_`#>|]+/g, ' ')
    .replaceAll(/\s+/gu, ' ')
    .trim()
  const found = new RegExp(words.map((word) => word.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'iu').exec(
    line,
  )
  const at = found?.index ?? 0
  const from = at <= BEFORE ? 0 : afterBlank(line, at - BEFORE, at)
  const to = Math.min(line.length, at + (found?.[0].length ?? 0) + AFTER)
  const end = to < line.length ? beforeBlank(line, to, at + (found?.[0].length ?? 0)) : to
  return `${from > 0 ? '…' : ''}${line.slice(from, end).trim().toWellFormed()}${end < line.length ? '…' : ''}`
}

/** Cuts between words; a script without blanks is cut where it is. */
const afterBlank = (line: string, from: number, to: number): number => {
  const blank = line.indexOf(' ', from)
  return blank === -1 || blank >= to ? from : blank + 1
}
const beforeBlank = (line: string, from: number, to: number): number => {
  const blank = line.lastIndexOf(' ', from)
  return blank <= to ? from : blank
}
