import { extensionOf, mediaTypeByName, type MediaType } from '@quarry/contracts'

const TEXT_TYPES: ReadonlySet<MediaType> = new Set([
  ...(['text/markdown', 'text/plain', 'text/html', 'text/csv', 'text/x-source-code'] as const),
])
/** Names that say what is in a file though they have no ending. */
const CODE_NAMES =
  /(?:^|\/)(?:Dockerfile|Containerfile|Makefile|Rakefile|Gemfile|Vagrantfile|Jenkinsfile|CMakeLists\.txt)$/u
/** A comment ends at its first end, and nowhere else: what could be read in two ways takes twice as long for each. */
const HTML_START = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->)[\s\S])*-->\s*)*<(?:!doctype\s+html|html[\s>])/iu
/** A message's headers (RFC 5322, 2.2) come first; these are the ones that only a mail program writes, and all of them do. */
const MAIL_TRACE = /^(?:Received|Message-ID|MIME-Version|Return-Path|DKIM-Signature):/imu
const HEADER_BLOCK = /^(?:From \S[^\n]*\n)?(?:[!-9;-~]{1,60}:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}/u

/** The head as text where it is text in some encoding; null where it is binary. The last character may be cut. */
export const textOfHead = (head: Buffer): { readonly text: string; readonly isCertain: boolean } | null => {
  const wide = wideTextOf(head)
  if (wide !== null) return isClean(wide) ? { text: wide, isCertain: true } : null
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return isClean(text) ? { text, isCertain: true } : null
  } catch {
    // Any bytes are text in some old encoding; the reader finds out which, or says that it is none.
    const text = head.toString('latin1')
    return isClean(text) ? { text, isCertain: false } : null
  }
}

/** What kind of text a file is: by its content where that tells, else by its name, which alone knows Markdown from prose. */
export const textTypeOf = (path: string, start: string): MediaType => {
  const text = start.replace(/^\uFEFF/u, '').replaceAll('\r\n', '\n')
  const named = mediaTypeByName(path)
  if (text.startsWith('{\\rtf')) return 'application/rtf'
  if (isMail(text, named)) return 'message/rfc822'
  // Templates of programs start like the page that they make.
  if (HTML_START.test(text) && named !== 'text/x-source-code' && named !== 'text/markdown') return 'text/html'
  if (CODE_NAMES.test(path)) return 'text/x-source-code'
  if (named !== null && TEXT_TYPES.has(named)) return named
  const hasName = extensionOf(path) !== ''
  return !hasName && (text.startsWith('#!/') || text.startsWith('<?xml')) ? 'text/x-source-code' : 'text/plain'
}

const isMail = (text: string, named: MediaType | null): boolean => {
  const headers = HEADER_BLOCK.exec(text)?.[0]
  if (headers === undefined) return false
  if (named === 'message/rfc822') return true
  return /^From:/imu.test(headers) && MAIL_TRACE.test(headers) && (named === null || named === 'text/plain')
}

/** No control characters but white space and the escape of old Japanese mail. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const isClean = (text: string) => !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/u.test(text)

/** UTF-16 and UTF-32: by their mark, or by NULs in every second place, which spaces and line ends have in any script. */
const wideTextOf = (head: Buffer): string | null => {
  const whole = head.subarray(0, head.byteLength - (head.byteLength % 4))
  if (/^(?:fffe0000|0000feff)/u.test(whole.toString('hex', 0, 4))) return utf32Of(whole)
  const mark = head.toString('hex', 0, 2)
  const even = head.subarray(0, head.byteLength - (head.byteLength % 2))
  // It says what it is: a broken character is one, and no other encoding.
  if (mark === 'fffe' || mark === 'feff') return utf16Of(even, mark === 'feff', false)
  const nuls = [0, 0]
  for (const [i, byte] of even.entries()) if (byte === 0) nuls[i % 2] = (nuls[i % 2] ?? 0) + 1
  const [high = 0, low = 0] = nuls
  if (high + low < Math.max(2, even.byteLength / 100)) return null
  return utf16Of(even, high > low, true)
}

const utf16Of = (bytes: Buffer, isBig: boolean, fatal: boolean): string | null => {
  try {
    return new TextDecoder(isBig ? 'utf-16be' : 'utf-16le', { fatal }).decode(bytes, { stream: true })
  } catch {
    return null
  }
}

const utf32Of = (bytes: Buffer): string | null => {
  const isLittle = bytes[0] === 0xff
  const points: string[] = []
  for (let at = 4; at < bytes.byteLength; at += 4) {
    const point = isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
    if (point > 0x10ffff) return null
    points.push(String.fromCodePoint(point))
  }
  return points.join('')
}
