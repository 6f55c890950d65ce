import { readable } from '../characters.ts'

const UNUSUAL = /[^\P{C}\n]|[\u2E80-\u2FDF\uF900-\uFAFF\uFB00-\uFB06\uFB1D-\uFDFF\uFE70-\uFEFC]/gu
/** Joiners shape Persian, Indic scripts and emoji. */
const JOINER = /[\u200C\u200D]/u

/** Text of a document as its reader sees it: single spaces, no control or invisible characters; line breaks stay. */
export function tidy(text: string): string {
  return text
    .replace(/[^\S\n]+/gu, ' ')
    .replace(UNUSUAL, (character) =>
      // Nobody sees the soft hyphens of a text that flows.
      character === '\u00AD' ? '' : JOINER.test(character) ? character : readable(character),
    )
    .replace(/ *\n[ \n]*/gu, '\n')
    .trim()
}

/** The same in one line. */
export const tidyLine = (text: string): string => tidy(text.replaceAll('\n', ' '))
