import { ParseFailure } from './parsed-page.ts'

/**
 * Text of a file: UTF-8, with or without a byte order mark, or UTF-16 with one. Line ends become `\n`.
 * @throws ParseFailure `not_text` for any other encoding and for bytes that are no text; `empty` when there is only space.
 */
export function decodeText(bytes: Uint8Array): string {
  const text = decoded(bytes).replace(/\r\n?/gu, '\n')
  if (text.trim() === '') throw new ParseFailure('empty')
  // No text format has NUL, and Postgres cannot store it.
  if (text.includes('\0')) throw new ParseFailure('not_text')
  return text
}

function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new ParseFailure('not_text', { cause })
  }
}
