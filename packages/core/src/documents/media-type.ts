import { fileTypeFromBuffer } from 'file-type'
import { FAILURES, formatOf, mediaType, mediaTypeByName, type FailureCode, type MediaType } from '@quarry/contracts'
import { textOfHead, textTypeOf } from './text-type.ts'
import { isZip, zipTypeOf } from './zip-type.ts'

/** What a file is by its first bytes; `text` is a sentence about this very file, where there is one to say. */
export type Detected =
  | { readonly mediaType: MediaType }
  | { readonly failure: FailureCode; readonly text: string | null }

/** Text by its bytes and still not readable as such. */
const PROGRAM_TEXT = /^%!PS/u
/** PDF readers accept the header anywhere in the first kilobyte (ISO 32000-1, annex H). */
const PDF_HEADER_WITHIN_BYTES = 1024
/** Compound files ([MS-CFB] 2.2): Office before 2007, Outlook's messages, and today's formats under a password. */
const COMPOUND_FILE = Buffer.from('d0cf11e0a1b11ae1', 'hex')
const ENCRYPTED_PACKAGE = Buffer.from('EncryptedPackage', 'utf16le')
const OLD_OFFICE =
  'The content of this file is in an Office format from before 2007 or an Outlook message. Save it as .docx, .xlsx, .pptx or .eml.'

/**
 * The type of a file by its content: `head` is its first few kilobytes. Its name only tells what content cannot, as
 * Markdown from plain text. Text is recognised before file-type is asked about binary formats, because two letters are
 * enough for some of them: a sentence that starts with "BM25" would be a bitmap.
 */
export const detectMediaType = async (path: string, head: Uint8Array): Promise<Detected> => {
  if (head.byteLength === 0) return { failure: 'empty', text: null }
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength)
  const named = mediaTypeByName(path)
  const text = textOfHead(bytes)
  if (isPdf(bytes, text !== null && named !== 'application/pdf')) return { mediaType: 'application/pdf' }
  if (isZip(bytes)) return zipDetected(bytes, named)
  if (bytes.subarray(0, COMPOUND_FILE.length).equals(COMPOUND_FILE)) return compoundDetected(bytes, named)
  if (text?.isCertain === true && !PROGRAM_TEXT.test(text.text)) return { mediaType: textTypeOf(path, text.text) }
  const found = await fileTypeFromBuffer(head)
  const known = mediaType.safeParse(found?.mime)
  if (known.success) return { mediaType: known.data }
  if (found && (text === null || !isMarkup(found.mime)))
    return { failure: 'unsupported_type', text: unsupported(found.mime) }
  if (text !== null) return { mediaType: textTypeOf(path, text.text) }
  // It claims to be something that begins in a way of its own, and does not.
  if (named !== null && !isTextual(named))
    return {
      failure: 'damaged',
      text: `${FAILURES.damaged.message} It is named like ${formatOf(named).name}, and is not.`,
    }
  return { failure: 'not_text', text: null }
}

const unsupported = (kind: string) => `The content of this file is ${kind}, which is not supported.`
/** Text by its own account; it is here when it is in an encoding of before Unicode. */
const isMarkup = (mime: string) => mime.startsWith('text/') || /^application\/(?:\S+\+)?xml$/u.test(mime)
const isTextual = (type: MediaType) =>
  type.startsWith('text/') || type === 'message/rfc822' || type === 'application/rtf'
const isOffice = (type: MediaType | null): type is MediaType =>
  type?.startsWith('application/') === true && type !== 'application/pdf' && type !== 'application/rtf'

/** A text may speak of the header; then it must be the first thing. */
const isPdf = (bytes: Buffer, isOnlyText: boolean): boolean => {
  const at = bytes.subarray(0, PDF_HEADER_WITHIN_BYTES).indexOf('%PDF-')
  return isOnlyText ? at !== -1 && bytes.toString('latin1', 0, at).trim() === '' : at !== -1
}

const zipDetected = (bytes: Buffer, named: MediaType | null): Detected => {
  const type = zipTypeOf(bytes)
  if (type !== null && typeof type === 'object') return { failure: 'unsupported_type', text: unsupported(type.other) }
  if (type !== null) return { mediaType: type }
  // Its reader looks at the whole of it.
  if (isOffice(named)) return { mediaType: named }
  return { failure: 'unsupported_type', text: 'This is a zip archive. Unpack it, and upload the files in it.' }
}

const compoundDetected = (bytes: Buffer, named: MediaType | null): Detected => {
  if (bytes.includes(ENCRYPTED_PACKAGE)) return { failure: 'encrypted', text: null }
  // Under a password as a rule, which stands further down; its reader sees.
  if (isOffice(named)) return { mediaType: named }
  return { failure: 'unsupported_type', text: OLD_OFFICE }
}
