import { ParseFailure } from './parsed-page.ts'
import { guessEncoding } from './text/guess-encoding.ts'

export interface DecodedText {
  readonly text: string
  /** Neither the file nor its bytes say what the encoding is. */
  readonly guessed: boolean
}

export interface TextEncoding {
  /** A label of the Encoding Standard, or UTF-32, which the standard leaves out. */
  readonly label: string
  readonly markBytes: number
  readonly guessed: boolean
}

const MARKS: readonly { readonly mark: readonly number[]; readonly label: string }[] = [
  { mark: [0xef, 0xbb, 0xbf], label: 'utf-8' },
  { mark: [0xff, 0xfe, 0, 0], label: 'utf-32le' },
  { mark: [0, 0, 0xfe, 0xff], label: 'utf-32be' },
  { mark: [0xff, 0xfe], label: 'utf-16le' },
  { mark: [0xfe, 0xff], label: 'utf-16be' },
]
/** Escape sequences by which ISO-2022-JP, mail's old Japanese, changes over: ESC $ B and ESC $ @. */
// oxlint-disable-next-line no-control-regex -- escape is what the encoding is made of
const ISO_2022_JP = /\u001B\$[B@]/u
/** Share of broken characters up to which text is UTF-8 that something cut or mixed, and not another encoding. */
const BROKEN_SHARE = 0.2
/** UTF-16 of any script has spaces, digits or line ends, which are half NUL. */
const NUL_SHARE = 0.01

/**
 * Text of a file. Decided by, in this order: a byte order mark, UTF-8 that is valid, NULs of UTF-16, the encoding that the
 * file declares (`declared`, any label), and a guess. Line ends become `\n`.
 * @throws ParseFailure `not_text` for bytes that are no text in any encoding; `empty` when there is only space.
 */
export function decodeText(bytes: Uint8Array, declared?: string): DecodedText {
  const encoding = encodingOf(bytes, declared)
  const text = decodeWith(encoding, bytes).replace(/\r\n?/gu, '\n')
  if (text.trim() === '') throw new ParseFailure('empty')
  // No text format has NUL, and Postgres cannot store it.
  if (text.includes('\0')) throw new ParseFailure('not_text')
  // A lone surrogate of UTF-16 is shown as what it is, and said.
  return { text, guessed: encoding.guessed || (encoding.label.startsWith('utf-16') && text.includes('\uFFFD')) }
}

/** @throws ParseFailure `not_text` */
export function encodingOf(bytes: Uint8Array, declared?: string): TextEncoding {
  const known = MARKS.find(({ mark }) => mark.every((byte, i) => bytes[i] === byte))
  if (known !== undefined) return { label: known.label, markBytes: known.mark.length, guessed: false }
  const certain = (label: string) => ({ label, markBytes: 0, guessed: false })
  const guess = (label: string) => ({ label, markBytes: 0, guessed: true })
  const wide = utf16Of(bytes)
  if (wide !== null) return guess(wide)
  const utf8 = strictly('utf-8', bytes)
  if (utf8 !== null) return certain(ISO_2022_JP.test(utf8.slice(0, 100_000)) ? 'iso-2022-jp' : 'utf-8')
  const label = declared === undefined ? null : labelOf(declared)
  if (label !== null && label !== 'utf-8' && strictly(label, bytes) !== null) return certain(label)
  if (isBrokenUtf8(bytes)) return guess('utf-8')
  const guessed = guessEncoding(bytes)
  if (guessed === null) throw new ParseFailure('not_text')
  return guess(guessed)
}

/** Characters that the encoding does not have become U+FFFD. */
export function decodeWith(encoding: TextEncoding, bytes: Uint8Array): string {
  const own = bytes.subarray(encoding.markBytes)
  if (encoding.label.startsWith('utf-32')) return decodeUtf32(own, encoding.label === 'utf-32le')
  return new TextDecoder(encoding.label, { ignoreBOM: true }).decode(own)
}

/** The standard's name for a label that a file gives itself; null for an unknown one. */
export function labelOf(declared: string): string | null {
  try {
    return new TextDecoder(declared.trim()).encoding
  } catch {
    return null
  }
}

function strictly(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function utf16Of(bytes: Uint8Array): string | null {
  if (bytes.byteLength < 2 || bytes.byteLength % 2 === 1) return null
  const nuls = [0, 0]
  const sample = bytes.subarray(0, 65_536)
  for (const [i, byte] of sample.entries()) if (byte === 0) nuls[i % 2] = (nuls[i % 2] ?? 0) + 1
  const [even = 0, odd = 0] = nuls
  if (even + odd < Math.max(2, sample.byteLength * NUL_SHARE)) return null
  const label = odd > even ? 'utf-16le' : 'utf-16be'
  const text = strictly(label, sample.subarray(0, sample.byteLength - (sample.byteLength % 2)))
  // oxlint-disable-next-line no-control-regex -- control characters are what tells a binary file
  return text === null || /[\u0000-\u0008\u000E-\u001A\p{Cn}\p{Co}]/u.test(text) ? null : label
}

function isBrokenUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(bytes.subarray(0, 1_000_000))
  const broken = text.match(/\uFFFD/gu)?.length ?? 0
  // oxlint-disable-next-line no-control-regex -- anything beyond ASCII
  const whole = text.match(/[^\u0000-\u007F\uFFFD]/gu)?.length ?? 0
  return broken < BROKEN_SHARE * whole
}

function decodeUtf32(bytes: Uint8Array, little: boolean): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: string[] = []
  for (let at = 0; at + 4 <= bytes.byteLength; at += 4) {
    const point = view.getUint32(at, little)
    parts.push(point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? '\uFFFD' : String.fromCodePoint(point))
  }
  return parts.join('')
}
