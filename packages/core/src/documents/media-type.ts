import { fileTypeFromBuffer } from 'file-type'
import type { FailureCode, MediaType } from '@quarry/contracts'
import { extensionOf } from './refusal.ts'

/** What a file is by its first bytes; `text` is a sentence about this very file, where there is one to say. */
export type Detected =
  | { readonly mediaType: MediaType }
  | { readonly failure: FailureCode; readonly text: string | null }

/** Formats that are text by their bytes and still not readable as such. */
const TEXT_LIKE = new Set(['application/rtf', 'text/rtf', 'application/postscript', 'application/eps'])
/** PDF readers accept the header anywhere in the first kilobyte (ISO 32000-1, annex H). */
const PDF_HEADER_WITHIN_BYTES = 1024
const MARKDOWN = new Set(['md', 'markdown', 'mdown', 'mkd'])

/**
 * The type of a file by its content: `head` is its first few kilobytes. The name only tells Markdown from plain text,
 * which nothing else can. Text is recognised before file-type is asked about binary formats, because two letters are
 * enough for some of them: a sentence that starts with "BM25" would be a bitmap.
 */
export const detectMediaType = async (path: string, head: Uint8Array): Promise<Detected> => {
  if (head.byteLength === 0) return { failure: 'empty', text: null }
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, PDF_HEADER_WITHIN_BYTES))
  if (start.includes('%PDF-')) return { mediaType: 'application/pdf' }
  const found = await fileTypeFromBuffer(head)
  if (isText(head) && !(found && TEXT_LIKE.has(found.mime)))
    return { mediaType: MARKDOWN.has(extensionOf(path)) ? 'text/markdown' : 'text/plain' }
  if (found)
    return { failure: 'unsupported_type', text: `The content of this file is ${found.mime}, which is not supported.` }
  return { failure: 'not_text', text: null }
}

/** UTF-8 without control characters other than white space. The last character may be cut. */
const isText = (head: Uint8Array): boolean => {
  try {
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(
      new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true }),
    )
  } catch {
    return false
  }
}
