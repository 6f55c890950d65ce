import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Actor } from '@quarry/contracts'
import { appendUpload, completeDocument, createManyDocuments, listCollections } from '@quarry/core/web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { getContent } from './content-route.ts'
import { actorOf, resolveCaller } from './resolve-actor.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'

let web: WebProcess
let cookie: string
let actor: Actor
beforeAll(async () => {
  web = await startWebProcess()
  ;({ cookie } = await signUp())
  const found = actorOf(await resolveCaller(new Headers({ cookie })))
  if (!found) throw new Error('nobody is signed in')
  actor = found
})
afterAll(() => web.close())

/** Stores a file and returns how its bytes are got. */
const stored = async (path: string, content: string) => {
  const ctx = { deps: web.core.deps, actor, requestId: randomUUID() }
  const [collection] = await listCollections(ctx)
  if (!collection) throw new Error('there is no collection')
  const bytes = Buffer.from(content)
  const files = [{ path, sizeBytes: bytes.byteLength }]
  const [file] = await createManyDocuments(ctx, { collectionId: collection.id, files })
  if (!file?.ticket) throw new Error('the upload was refused')
  await appendUpload(ctx, { ticket: file.ticket, offset: 0, body: Readable.from([bytes]) })
  await completeDocument(ctx, { ticket: file.ticket })
  const { ticket } = file
  return (headers: HeadersInit = {}, method = 'GET') =>
    getContent(browserRequest('/x', { cookie, headers, method }), ticket)
}

it.each([
  ['page.txt', '<!doctype html><script>alert(1)</script>'],
  ['picture', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
  ['feed.md', '<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>'],
  ['both.txt', '%PDF-1.7 <script>alert(1)</script>'],
])('%s with markup in it is never shown as a page of ours', async (path, content) => {
  const get = await stored(path, content)
  for (const response of [await get(), await get({}, 'HEAD'), await get({ range: 'bytes=0-3' })]) {
    const header = (name: string) => response.headers.get(name) ?? ''
    expect(response.ok).toBe(true)
    expect(header('content-disposition')).toMatch(/^attachment; /)
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(header('cross-origin-resource-policy')).toBe('same-origin')
    expect(header('cache-control')).toContain('no-store')
    expect(header('content-type')).not.toMatch(/html|svg|xml/)
    await response.body?.cancel()
  }
})

describe('the name', () => {
  const dispositionOf = async (path: string) =>
    (await (await stored(path, path))({}, 'HEAD')).headers.get('content-disposition') ?? ''

  it.each([
    'a"; filename="evil.bat',
    "it's (1)*.md",
    'semi;colon,comma.txt',
    '100%41.md',
    'back\\slash.txt',
    'über – ☃ 日本.md',
    '💥.txt',
  ])('%s comes through as it is, and says nothing beside itself', async (path) => {
    const found = /^attachment; filename="([ !#-$&-[\]-~]*)"; filename\*=UTF-8''([\w%.!#$&+^`|~-]*)$/.exec(
      await dispositionOf(path),
    )
    expect(found).not.toBeNull()
    expect(decodeURIComponent(found?.[2] ?? '')).toBe(path)
  })
  it('keeps its end when it is long, and fits what proxies take', async () => {
    const disposition = await dispositionOf(`${'語'.repeat(700)}.md`)
    expect(disposition.length).toBeLessThan(4096)
    expect(disposition).toMatch(/%AA%9E\.md$/)
  })
  it('does not read backwards', async () => {
    expect(decodeURIComponent(await dispositionOf('photo\u202Egpj.bat'))).toContain('photogpj.bat')
  })
})

describe('a range', () => {
  it.each([
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['bytes=99-100', 416, '', 'bytes */10'],
    ['bytes=-0', 416, '', 'bytes */10'],
    ['bytes=0-1,3-4', 200, '0123456789', null],
    ['bytes=5-3', 200, '0123456789', null],
    ['bytes=99999999999999999999-', 200, '0123456789', null],
    ['items=0-1', 200, '0123456789', null],
  ])('%s of ten bytes', async (range, status, body, contentRange) => {
    const get = await stored(`range-${randomUUID()}.txt`, '0123456789')
    const response = await get({ range })
    expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
      status,
      body,
      contentRange,
    ])
    if (status !== 416) expect(response.headers.get('content-length')).toBe(String(body.length))
  })
})
