import { analyse } from 'chardet'
import { DOUBLE_BYTE, scoreDoubleByte } from './double-byte.ts'

/**
 * Encodings of one byte a character, as the Encoding Standard's labels; those asked for first win a tie. Cyrillic of DOS
 * and Thai are the rarest.
 */
const SINGLE_BYTE = [
  ...['windows-1252', 'windows-1251', 'windows-1250', 'koi8-r', 'windows-1253', 'windows-1254', 'windows-1257'],
  ...['windows-1255', 'windows-1256', 'windows-1258', 'iso-8859-2', 'iso-8859-5', 'windows-874', 'ibm866', 'macintosh'],
]
/** So much text is enough for letter statistics; more only costs time. */
const SAMPLE_BYTES = 16_384
/** chardet knows which letters follow each other in a language, but is wrong about a few words: a vote, no verdict. */
const VOTE = 0.4
/** Below, the best reading is still gibberish. */
const LEAST_SCORE = 0.2
/** What people type between or after words in any language. */
const PUNCTUATION = /[‘’‚“”„«»‹›–—…•·§°©®™€£¥±×½¼¾²³µ¡¿\u00A0]/u
/** Nobody writes these: their byte means something else, so the reading is wrong. */
// oxlint-disable-next-line no-control-regex -- control characters are what tells a binary file
const IMPOSSIBLE = /[\u0000-\u0008\u000E-\u001A\u001C-\u001F\u007F\u0080-\u009F\uFFFD\p{Co}\p{Cn}]/u

/**
 * The encoding of bytes that are neither UTF-8 nor UTF-16: every candidate is decoded, and the one whose characters
 * make the likeliest text wins. Null when none makes sense, as with binary data. Works on a few words, where libraries
 * for this fail: they need hundreds of characters of running text.
 */
export function guessEncoding(bytes: Uint8Array): string | null {
  const sample = sampleOf(bytes)
  const votes = new Map<string, number>()
  for (const { name, confidence } of analyse(sample)) {
    const label = labelOf(name)
    if (label !== null) votes.set(label, Math.max(votes.get(label) ?? 0, confidence / 100))
  }
  let best: { label: string; score: number } | null = null
  for (const label of [...SINGLE_BYTE, ...DOUBLE_BYTE]) {
    const text = decodedBy(label, sample)
    if (text === null || IMPOSSIBLE.test(text)) continue
    const score = scoreDoubleByte(label, sample) ?? scoreOf(text)
    const total = score + VOTE * (votes.get(label) ?? 0)
    if (score >= LEAST_SCORE && (best === null || total > best.score + 1e-9)) best = { label, score: total }
  }
  return best?.label ?? null
}

/** The first part of the text that has other characters than ASCII, from and to a whole line where there is one. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const high = bytes.findIndex((byte) => byte > 0x7f)
  const lineStart = bytes.lastIndexOf(0x0a, Math.max(0, high)) + 1
  const from = high - lineStart > SAMPLE_BYTES / 2 ? high : lineStart
  const sample = bytes.subarray(from, from + SAMPLE_BYTES)
  if (from + SAMPLE_BYTES >= bytes.byteLength) return sample
  const lineEnd = sample.lastIndexOf(0x0a)
  return lineEnd > 0 ? sample.subarray(0, lineEnd) : sample
}

function labelOf(name: string): string | null {
  try {
    return new TextDecoder(name).encoding
  } catch {
    return null
  }
}

/** A last character that is cut is no error. */
function decodedBy(label: string, bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes, { stream: true })
  } catch {
    return null
  }
}

/** −1 to 1: how well the characters beyond ASCII sit in their words. */
function scoreOf(text: string): number {
  let sum = 0
  let count = 0
  const characters = [...text]
  for (const [i, character] of characters.entries()) {
    if (character <= '\u007F') continue
    count++
    sum += scoreAmong(characters[i - 1] ?? ' ', character, characters[i + 1] ?? ' ')
  }
  return count === 0 ? 0 : sum / count + endsLikeHebrew(text)
}

/**
 * Hebrew, read as Cyrillic, makes tidy small letters. But five of its letters have a form for the end of words, which
 * Cyrillic read as Hebrew puts anywhere.
 */
function endsLikeHebrew(text: string): number {
  if (/[ךםןףץ]\p{Script=Hebrew}/u.test(text)) return -FINAL_FORMS
  return /\p{Script=Hebrew}[ךםןףץ](?!\p{L})/u.test(text) ? FINAL_FORMS : 0
}
/** More than what letters without capitals lack beside those with. */
const FINAL_FORMS = 0.4

const SCRIPTS = ['Latin', 'Cyrillic', 'Greek', 'Hebrew', 'Arabic', 'Thai'].map(
  (name) => new RegExp(`\\p{Script=${name}}`, 'u'),
)
const scriptOf = (character: string) => SCRIPTS.findIndex((script) => script.test(character))
const isLetter = (character: string) => /[\p{L}\p{M}]/u.test(character)

function scoreAmong(before: string, character: string, after: string): number {
  if (PUNCTUATION.test(character)) return isLetter(before) && isLetter(after) && character !== '’' ? -0.5 : 0.5
  if (!isLetter(character)) return -0.5
  const script = scriptOf(character)
  const neighbours = [before, after].filter(isLetter)
  if (neighbours.some((other) => !/\p{M}/u.test(other) && scriptOf(other) !== script)) return -1
  const isUpper = /\p{Lu}/u.test(character)
  if (isUpper && /\p{Ll}/u.test(before)) return -1
  if (neighbours.length === 0) return 0.3
  // No language writes words of accents only: these are another script's letters.
  if (script === 0 && neighbours.every((other) => other > '\u007F')) return -0.3
  // Scripts without capitals cannot be caught at using them wrongly.
  return /\p{Lo}|\p{M}/u.test(character) ? 0.7 : 1
}
