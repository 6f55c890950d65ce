import { constants, inflateRawSync } from 'node:zlib'
import type { MediaType } from '@quarry/contracts'

const LOCAL_HEADER = Buffer.from('PK\u0003\u0004', 'latin1')
/** Of a local file header (APPNOTE 4.3.7): the fields before the name. */
const HEADER_BYTES = 30
/** A list of parts is a few kilobytes; this one may be made to swell. */
const MOST_INFLATED = 1_000_000

const BY_FOLDER: readonly (readonly [folder: string, type: MediaType])[] = [
  ['word/', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
]
/** The first file of EPUB (OCF 3.3, 4.2) and OpenDocument (1.3 part 2, 3.3) is their media type, not compressed. */
const BY_MIMETYPE: Readonly<Record<string, MediaType>> = {
  'application/epub+zip': 'application/epub+zip',
  'application/vnd.oasis.opendocument.text': 'application/vnd.oasis.opendocument.text',
}

export const isZip = (head: Buffer): boolean => head.subarray(0, 4).equals(LOCAL_HEADER)

/**
 * What a zip file holds, by the entries at its beginning: `head` ends where it ends. `other` is a kind of its own that
 * is not read; null when the beginning does not tell.
 */
export const zipTypeOf = (head: Buffer): MediaType | { readonly other: string } | null => {
  for (let at = 0; at !== -1; at = head.indexOf(LOCAL_HEADER, at + 4)) {
    if (at + HEADER_BYTES > head.byteLength) return null
    const nameEnd = at + HEADER_BYTES + head.readUInt16LE(at + 26)
    const name = head.toString('latin1', at + HEADER_BYTES, nameEnd)
    const content = head.subarray(nameEnd + head.readUInt16LE(at + 28))
    const isStored = head.readUInt16LE(at + 8) === 0
    if (name === 'mimetype' && isStored) {
      const told = content.toString('latin1', 0, head.readUInt32LE(at + 18) || 100)
      const known = Object.entries(BY_MIMETYPE).find(
        ([mime]) => told.startsWith(mime) && !/^[-\w]/u.test(told.slice(mime.length)),
      )
      if (known !== undefined) return known[1]
      if (told.startsWith('application/')) return { other: told.split(/[^\w./+-]/u)[0] ?? told }
    }
    if (name === '[Content_Types].xml') {
      const type = mainPartOf(isStored ? content.toString('latin1') : inflated(content))
      if (type !== null) return type
    }
    const folder = BY_FOLDER.find(([start]) => name.startsWith(start))
    if (folder !== undefined) return folder[1]
  }
  return null
}

/** The content type of a package's main part (ECMA-376 part 2, 10.1.2), with macros or as a template too. */
const mainPartOf = (contentTypes: string): MediaType | null => {
  if (/(?:wordprocessingml\.(?:document|template)|ms-word\.\w+\.macroEnabled\w*)\.main\+xml/u.test(contentTypes))
    return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
  if (/(?:spreadsheetml\.(?:sheet|template)|ms-excel\.\w+\.macroEnabled)\.main\+xml/u.test(contentTypes))
    return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  if (
    /(?:presentationml\.(?:presentation|template|slideshow)|ms-powerpoint\.\w+\.macroEnabled)\.main\+xml/u.test(
      contentTypes,
    )
  )
    return 'application/vnd.openxmlformats-officedocument.presentationml.presentation'
  return null
}

/** As much as there is of a compressed entry; its rest may be behind the end. */
const inflated = (bytes: Buffer): string => {
  try {
    return inflateRawSync(bytes, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MOST_INFLATED,
    }).toString('latin1')
  } catch {
    return ''
  }
}
