import { mediaTypeByName, mediaType, type MediaType } from '@quarry/contracts'
import type { Attachment, Email } from 'postal-mime'

export interface AttachedFile {
  readonly name: string
  /** Null for a kind that nothing reads. */
  readonly mediaType: MediaType | null
  readonly bytes: Uint8Array
}

/** Proofs that programs check; there is nothing in them to read. */
const SIGNATURES = new Set([
  ...[
    'application/pgp-signature',
    'application/pkcs7-signature',
    'application/x-pkcs7-signature',
    'application/pgp-keys',
  ],
])

/** What of a message's parts is a file that somebody sent: no signatures, no pictures that its text is decorated with. */
export function attachedFiles({ attachments, html = '' }: Email): AttachedFile[] {
  return attachments
    .filter((part) => !SIGNATURES.has(part.mimeType) && !isDecoration(part, html))
    .map((part, i) => {
      const bytes = typeof part.content === 'string' ? Buffer.from(part.content) : new Uint8Array(part.content)
      return { name: nameOf(part, i), mediaType: typeOf(part, bytes), bytes }
    })
}

function isDecoration({ mimeType, related, contentId }: Attachment, html: string): boolean {
  if (!mimeType.startsWith('image/')) return false
  return related === true || (contentId !== undefined && html.includes(`cid:${contentId.replace(/^<|>$/gu, '')}`))
}

function nameOf(part: Attachment, index: number): string {
  const name = (part.filename ?? '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
    .toWellFormed()
  if (name !== '') return name
  return part.mimeType === 'message/rfc822' ? `Forwarded message ${index + 1}` : `Attachment ${index + 1}`
}

/** By the content where it tells, then by the name: mail programs call most files `application/octet-stream`. */
function typeOf(part: Attachment, bytes: Uint8Array): MediaType | null {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 8)).toString('latin1')
  if (start.startsWith('%PDF-')) return 'application/pdf'
  if (start.startsWith('{\\rtf')) return 'application/rtf'
  const declared = mediaType.safeParse(part.mimeType)
  if (part.mimeType === 'message/rfc822') return 'message/rfc822'
  const named = mediaTypeByName(part.filename ?? '')
  if (named !== null) return named
  if (declared.success) return declared.data
  return part.mimeType.startsWith('text/') ? 'text/plain' : null
}
