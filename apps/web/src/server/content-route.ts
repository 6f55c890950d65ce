import type { Readable } from 'node:stream'
import { downloadCost } from '@quarry/api'
import { AppError, versionId, type MediaType } from '@quarry/contracts'
import { openContent, type Content } from '@quarry/core/web'
import { parseRange } from './byte-range.ts'
import { PRIVATE_HEADERS, respond } from './respond.ts'

/** What a browser would show as a page. As bytes, whoever looks past the other headers shows nothing either. */
const PAGES: ReadonlySet<string> = new Set<MediaType>(['text/html', 'message/rfc822'])

/** A person's file never runs on our origin: it is downloaded, or read by the viewer's script as bytes. */
const headersOf = (content: Content, name = shownName(content.fileName)): Record<string, string> => ({
  ...PRIVATE_HEADERS,
  'content-type':
    content.mediaType === null || PAGES.has(content.mediaType) ? 'application/octet-stream' : content.mediaType,
  'content-disposition': `attachment; filename="${asciiName(name)}"; filename*=UTF-8''${encodeName(name)}`,
  'content-security-policy': "sandbox; default-src 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'accept-ranges': 'bytes',
  etag: `"${content.contentHash}"`,
})

const asciiName = (name: string): string => name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
/** Headers of 8 kB are the most that proxies take. The end of a name is what tells its type. */
const LONGEST_NAME = 200
/** Controls that turn the direction of what follows: `gpj.exe` would read as a picture (Unicode TR 36, 3.1). */
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
const shownName = (name: string): string => name.replaceAll(TURNS, '').slice(-LONGEST_NAME) || 'file'
/** RFC 8187: what encodeURIComponent leaves is allowed there, but for four characters. */
const encodeName = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

/** The original bytes of a version, whole or a range of them. */
export const getContent = (request: Request, id: string): Promise<Response> =>
  respond(request, async (ctx) => {
    const parsed = versionId.safeParse(id)
    if (!parsed.success) throw new AppError('not_found')
    // Before anything is looked up; the bytes when it is known how many they are.
    const call = downloadCost(0)
    await ctx.limits.charge(ctx.actor, call)
    const content = await openContent(ctx, { versionId: parsed.data })
    const headers = headersOf(content)
    const size = content.sizeBytes
    const range = parseRange(request.headers.get('range'), size)
    if (range.kind === 'unsatisfiable')
      return new Response(null, { status: 416, headers: { ...PRIVATE_HEADERS, 'content-range': `bytes */${size}` } })
    const { start, end } = range.kind === 'part' ? range : { start: 0, end: size }
    headers['content-length'] = String(end - start)
    if (range.kind === 'part') headers['content-range'] = `bytes ${start}-${end - 1}/${size}`
    const status = range.kind === 'part' ? 206 : 200
    if (request.method === 'HEAD') return new Response(null, { status, headers })
    const { caller } = downloadCost(end - start)
    await ctx.limits.chargeAtMost(ctx.actor, { caller: caller - call.caller, organisation: 0 })
    const bytes = await content.open(range.kind === 'part' ? { start, end } : undefined)
    return new Response(webStreamOf(bytes), { status, headers })
  })

/** Read as fast as it is sent; a reader that goes away closes the file. */
const webStreamOf = (bytes: Readable): ReadableStream<Uint8Array> => {
  const chunks = bytes.iterator()
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next: IteratorResult<Uint8Array, undefined> = await chunks.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    cancel: () => {
      bytes.destroy()
    },
  })
}
