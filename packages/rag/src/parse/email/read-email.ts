import PostalMime, { type Address, type Email } from 'postal-mime'
import { countWords } from '../../chunk/units.ts'
import { decodeText, type DecodedText } from '../decode.ts'
import { piecesOfHtml } from '../html/html-pieces.ts'
import { ParseFailure, type ParsedPage, type ReadStep } from '../parsed-page.ts'
import { piecesOf } from '../read-text.ts'
import { sectionsOf, type Piece } from '../sections.ts'
import { bytesOf, type Source } from '../source.ts'
import { attachedFiles, type AttachedFile } from './attachments.ts'

/** Reads a file of some kind that is attached; null for a kind without a reader. */
export type ReadAttachment = (file: AttachedFile) => Promise<AsyncGenerator<ReadStep> | null>

/** A forward of a forward of a forward; what is deeper is listed as unreadable. */
const DEEPEST = 5
const MOST_ATTACHMENTS = 100
/** Parts inside parts; mail programs make four. postal-mime refuses the message beyond. */
const DEEPEST_PART = 64
/** A plain text with less than this share of the page's words says "your program cannot show this message". */
const PLAIN_SHARE = 0.3

/**
 * Reads a message (RFC 5322 with MIME) in sections: its headers and text, then each attached file in sections named after
 * it, messages that were forwarded included. A file that cannot be read leaves an empty section with a warning.
 * Parsed by postal-mime: maintained, without dependencies, made for hostile mail (bounds on nesting and headers), while
 * mailparser brings seven packages along.
 * @throws ParseFailure `empty`, `damaged`.
 */
export async function* readEmail(source: Source, readAttachment: ReadAttachment): AsyncGenerator<ReadStep> {
  let ordinal = 0
  for await (const step of stepsOf(await bytesOf(source), readAttachment, 1)) {
    const page: ParsedPage = { ...step.page, ordinal: ++ordinal }
    yield { ...step, page, pageCount: null }
  }
}

async function* stepsOf(bytes: Uint8Array, readAttachment: ReadAttachment, depth: number): AsyncGenerator<ReadStep> {
  const { email, guessed } = await parsed(bytes)
  const files = attachedFiles(email)
  const pieces = [...headersOf(email, files), ...bodyOf(email)]
  if (pieces.length === 0) throw new ParseFailure('empty')
  for (const page of sectionsOf(pieces))
    yield { page, pageCount: null, ...(guessed && page.ordinal === 1 ? { warning: 'encoding_guessed' } : {}) }
  for (const [i, file] of files.entries()) {
    const tooMuch = i >= MOST_ATTACHMENTS || (file.mediaType === 'message/rfc822' && depth >= DEEPEST)
    yield* tooMuch ? [unreadable(file.name)] : stepsOfFile(file, readAttachment, depth)
  }
}

async function* stepsOfFile(
  file: AttachedFile,
  readAttachment: ReadAttachment,
  depth: number,
): AsyncGenerator<ReadStep> {
  try {
    const steps =
      file.mediaType === 'message/rfc822' ? stepsOf(file.bytes, readAttachment, depth + 1) : await readAttachment(file)
    if (steps === null) {
      yield unreadable(file.name)
      return
    }
    for await (const step of steps) yield { ...step, page: inside(file.name, step.page) }
  } catch (error) {
    // A file that takes the memory of the process away is the message's failure.
    if (error instanceof RangeError && /allocation|length/iu.test(error.message)) throw error
    yield unreadable(file.name)
  }
}

/** A page of an attached file is a section of the message: the viewer has no picture of it. */
function inside(name: string, page: ParsedPage): ParsedPage {
  const place = page.label ?? (page.page === null ? null : `page ${page.page}`)
  const label = place === null ? name : `${name}, ${place}`
  return { ...page, page: null, width: null, height: null, boxes: [], label }
}

const unreadable = (label: string): ReadStep => ({
  page: { ordinal: 0, page: null, text: '', width: null, height: null, boxes: [], blocks: [], label },
  pageCount: null,
  warning: 'attachment_unreadable',
})

async function parsed(bytes: Uint8Array): Promise<{ email: Email; guessed: boolean }> {
  const email = await parse(bytes)
  if (!broken(email)) return { email, guessed: false }
  // Old programs sent bytes of their own encoding without a word about it.
  let whole: DecodedText
  try {
    whole = decodeText(bytes)
  } catch {
    return { email, guessed: true }
  }
  const again = await parse(Buffer.from(whole.text))
  return { email: broken(again) ? email : again, guessed: true }
}

async function parse(bytes: Uint8Array): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, {
      forceRfc822Attachments: true,
      maxNestingDepth: DEEPEST_PART,
      attachmentEncoding: 'arraybuffer',
    })
  } catch (cause) {
    throw new ParseFailure('damaged', { cause })
  }
}

const broken = ({ text, subject, html }: Email) =>
  [text, subject, html].some((part) => part?.includes('\uFFFD') === true)

const HEADERS = ['From', 'To', 'Cc', 'Date'] as const

function headersOf(email: Email, files: readonly AttachedFile[]): Piece[] {
  const values: Record<(typeof HEADERS)[number], string> = {
    From: people(email.from === undefined ? [] : [email.from]),
    To: people(email.to ?? []),
    Cc: people(email.cc ?? []),
    // As it was sent, with the sender's time of day.
    Date: line(email.headers.find(({ key }) => key === 'date')?.value ?? ''),
  }
  const lines = HEADERS.filter((name) => values[name] !== '').map((name) => `${name}: ${values[name]}`)
  if (files.length > 0) lines.push(`Attachments: ${files.map(({ name }) => name).join(', ')}`)
  const subject = line(email.subject ?? '')
  return [
    ...(subject === '' ? [] : [{ kind: 'heading' as const, level: 1, text: subject }]),
    ...(lines.length === 0 ? [] : [{ kind: 'paragraph' as const, text: lines.join('\n') }]),
  ]
}

const people = (addresses: readonly Address[]): string =>
  addresses
    .map((one) =>
      line(
        one.address === undefined
          ? `${one.name}: ${people(one.group)}`
          : one.name === ''
            ? one.address
            : `${one.name} <${one.address}>`,
      ),
    )
    .join(', ')

const line = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .toWellFormed()

function bodyOf({ text, html }: Email): Piece[] {
  const plain = text === undefined ? [] : [...piecesOf(clean(text))]
  if (html === undefined) return plain
  const rich = [...piecesOfHtml(html)]
  return words(plain) >= PLAIN_SHARE * words(rich) && plain.length > 0 ? plain : rich
}

const clean = (text: string) => text.replace(/\r\n?/gu, '\n').replaceAll('\0', '').toWellFormed()
const words = (pieces: readonly Piece[]) => pieces.reduce((sum, { text }) => sum + countWords(text), 0)
