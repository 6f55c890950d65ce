import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { OrgId, VersionId } from '@quarry/contracts'
import { openBlobStore, type BlobStore } from '../index.ts'
import { describeBlobStore } from '../testing/contract.ts'
import { startS3Server, type S3Server } from '../testing/index.ts'
import { S3Refusal } from './s3-client.ts'
import { elementOf, elementsOf } from './s3-xml.ts'

let server: S3Server
beforeAll(async () => {
  server = await startS3Server()
})
afterEach(() => server.interfere(null))
afterAll(() => server.close())

describe('a bucket', () => {
  describeBlobStore(() => {
    const prefix = `a préfix/${randomUUID()}`
    return Promise.resolve({ open: () => openBlobStore(server.adapter({ prefix })), close: () => Promise.resolve() })
  })
})

const newUpload = () => [randomUUID() as OrgId, randomUUID() as VersionId] as const
const upload = async (store: BlobStore, bytes: Buffer) => {
  const [orgId, ticket] = newUpload()
  await store.appendUpload(orgId, ticket, 0, Readable.from([bytes]), bytes.length)
  return store.finishUpload(orgId, ticket)
}
const causeOf = async (work: Promise<unknown>): Promise<unknown> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toMatchObject({ code: 'unavailable' })
  return error instanceof Error ? error.cause : undefined
}

describe('what the operator got wrong is told', () => {
  test.each([
    ['a wrong secret', { secretAccessKey: 'wrong' }, /403 SignatureDoesNotMatch: check S3_ACCESS_KEY_ID and S3_SECRET/],
    ['an unknown key', { accessKeyId: 'NOBODY' }, /403 InvalidAccessKeyId: check S3_ACCESS_KEY_ID/],
    ['a bucket that is not there', { bucket: 'nowhere' }, /404 NoSuchBucket: make the bucket nowhere/],
    ['an address where nobody is', { endpoint: 'http://127.0.0.1:9' }, /127.0.0.1:9 cannot be reached/],
  ])('%s', { timeout: 30_000 }, async (_what, change, message) => {
    const cause = await causeOf(openBlobStore(server.adapter(change)).check())
    expect(cause).toBeInstanceOf(Error)
    expect(String(cause)).toMatch(message)
    expect(String(cause)).not.toContain('S3RVER')
  })

  test('and not tried again where that cannot help', async () => {
    const before = server.requests()
    await causeOf(openBlobStore(server.adapter({ secretAccessKey: 'wrong' })).check())
    expect(server.requests() - before).toBe(1)
  })
})

describe('a store that stumbles', () => {
  test('is asked again: slow down, broken connections, a server error', async () => {
    const store = openBlobStore(server.adapter())
    const bytes = randomBytes(9 * 1024 * 1024)
    let requests = 0
    server.interfere((request, response) => {
      requests += 1
      if (requests % 2 === 0) return false
      request.resume()
      if (requests % 3 === 0) request.socket.destroy()
      else {
        response.writeHead(requests % 5 === 0 ? 500 : 503)
        response.end('<Error><Code>SlowDown</Code></Error>')
      }
      return true
    })
    const { key } = await upload(store, bytes)
    expect((await buffer((await store.read(key))!.body)).equals(bytes)).toBe(true)
    expect(requests).toBeGreaterThan(10)
  })

  test('for long is given up, with its own words', { timeout: 30_000 }, async () => {
    server.interfere((request, response) => {
      request.resume()
      response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>')
      return true
    })
    const cause = await causeOf(openBlobStore(server.adapter()).check())
    expect(cause).toBeInstanceOf(S3Refusal)
    expect(String(cause)).toContain('503 SlowDown')
  })

  test('in the middle of a blob goes on at the byte where it broke', async () => {
    const store = openBlobStore(server.adapter())
    const bytes = randomBytes(3 * 1024 * 1024)
    const { key } = await upload(store, bytes)
    const starts: string[] = []
    let cut = 0
    server.interfere((request, response) => {
      starts.push(String(request.headers.range))
      const write = response.write.bind(response)
      let sent = 0
      response.write = (chunk: Uint8Array) => {
        sent += chunk.length
        if (sent > 900_000 && cut < 2) {
          cut += 1
          response.destroy()
          return false
        }
        return write(chunk)
      }
      return false
    })
    expect((await buffer((await store.read(key))!.body)).equals(bytes)).toBe(true)
    expect(starts).toHaveLength(3)
    expect(starts.slice(1).every((range) => /^bytes=[1-9]\d*-/.test(range))).toBe(true)
  })
})

describe('a local copy', () => {
  test("is the owner's only, and goes when it is released", async () => {
    const store = openBlobStore(server.adapter())
    const { key } = await upload(store, randomBytes(1_000))
    const local = await store.localFile(key)
    expect(statSync(local!.path).mode & 0o777).toBe(0o600)
    await local!.release()
    expect(existsSync(local!.path)).toBe(false)
  })

  test('that a dead process left is swept, and a young one stays', async () => {
    const adapter = server.adapter()
    const folder = join(adapter.copiesDir, randomUUID())
    mkdirSync(folder, { recursive: true })
    for (const name of ['old', 'young']) writeFileSync(join(folder, name), '')
    const hoursAgo = new Date(Date.now() - 2 * 3600_000)
    utimesSync(join(folder, 'old'), hoursAgo, hoursAgo)
    const store = openBlobStore({ ...adapter, copiesDir: folder })
    const { key } = await upload(store, randomBytes(10))
    const local = await store.localFile(key)
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['young']))
    expect(readdirSync(folder)).toHaveLength(2)
    await local!.release()
  })

  test('of a blob whose bytes were changed is refused', async () => {
    const store = openBlobStore(server.adapter())
    const { key } = await upload(store, randomBytes(1_000))
    server.interfere((request, response) => {
      if (request.method !== 'GET') return false
      response.writeHead(200, { 'content-length': '4' }).end('evil')
      return true
    })
    expect(String(await causeOf(store.localFile(key)))).toContain('does not have the content')
  })
})

test('a check that succeeded counts for the next probes, one that failed does not', async () => {
  const store = openBlobStore(server.adapter())
  await store.check()
  const before = server.requests()
  await store.check()
  expect(server.requests()).toBe(before)
})

test('answers in XML are read, entities and all', () => {
  const xml = '<R xmlns="x"><C><Key>a &amp; b&#x41;&#66;</Key></C><C><Key>c</Key></C></R>'
  expect(elementsOf(xml, 'C').map((entry) => elementOf(entry, 'Key'))).toEqual(['a & bAB', 'c'])
  expect(elementOf(xml, 'Code')).toBeNull()
})
