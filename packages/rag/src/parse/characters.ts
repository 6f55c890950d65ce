/** Scripts whose glyphs follow each other without spaces, also over the end of a line. Hangul has spaces. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u3000-\u303F\u30FC\uFF01-\uFF60]/u

export const isUnspaced = (character: string) => UNSPACED.test(character)

/**
 * Forms that are one thing to a reader and another to a search: Latin ligatures, Kangxi radicals and compatibility
 * ideographs (fonts map glyphs to them), Arabic presentation forms. NFKC of anything else (½, ², ™) would change a quote.
 */
const PRESENTATION_FORM = /[\uFB00-\uFB06\u2E80-\u2FDF\uF900-\uFAFF\uFB1D-\uFDFF\uFE70-\uFEFC]/u
/** Drawn by nobody: zero-width characters, byte order marks, control characters. */
const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060-\u2064\uFEFF\p{Cc}]/u
/** Bullets of Symbol and Wingdings, which have no Unicode of their own. */
const SYMBOL_FONT_BULLET = /[\uF0A7\uF0A8\uF0B7\uF06E\uF076\uF0D8]/u

/** One drawn character as readers know it; may be empty or longer than one. Spaces of any kind become U+0020. */
export function readable(character: string): string {
  if (/\s/u.test(character)) return ' '
  if (INVISIBLE.test(character)) return ''
  if (PRESENTATION_FORM.test(character)) return character.normalize('NFKC')
  // A soft hyphen that a PDF draws is a hyphen that is seen.
  if (character === '\u00AD') return '-'
  if (SYMBOL_FONT_BULLET.test(character)) return '•'
  return character.toWellFormed()
}
