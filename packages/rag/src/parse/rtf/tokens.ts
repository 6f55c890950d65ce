/** A piece of RTF (specification 1.9.1, "Basic entities"). */
export type Token =
  | { readonly kind: 'open' | 'close' }
  | { readonly kind: 'word'; readonly word: string; readonly value: number | null }
  /** `\'hh`, or text: bytes in the encoding of the font that is set. One character of this string is one byte. */
  | { readonly kind: 'bytes'; readonly bytes: string; readonly isEscape: boolean }

const WORD = /\\(?:([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|'([0-9a-fA-F]{2})|([^a-zA-Z]))/uy
const TEXT = /[^\\{}\r\n]+/uy
const NEWLINES = /[\r\n]+/uy

/** @param rtf the file, a byte a character. Never fails: what is no control is text. */
export function* tokensOf(rtf: string): Generator<Token> {
  for (let at = 0; at < rtf.length;) {
    const character = rtf.charAt(at)
    if (character === '{' || character === '}') {
      at++
      yield { kind: character === '{' ? 'open' : 'close' }
      continue
    }
    const pattern = character === '\\' ? WORD : character === '\n' || character === '\r' ? NEWLINES : TEXT
    pattern.lastIndex = at
    const found = pattern.exec(rtf)
    if (found === null) {
      // A lone backslash at the end.
      at++
      continue
    }
    at += found[0].length
    if (pattern === TEXT) yield { kind: 'bytes', bytes: found[0], isEscape: false }
    if (pattern !== WORD) continue
    const [, word, value, hex, symbol] = found
    if (hex !== undefined) yield { kind: 'bytes', bytes: String.fromCharCode(Number.parseInt(hex, 16)), isEscape: true }
    else if (word === 'bin') at += Math.max(0, Number(value ?? 0))
    else if (word !== undefined) yield { kind: 'word', word, value: value === undefined ? null : Number(value) }
    else if (symbol !== undefined) yield { kind: 'word', word: symbol, value: null }
  }
}
