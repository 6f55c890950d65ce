import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '@quarry/contracts'
import { pauseMs, type S3Client } from './s3-client.ts'
import { elementOf, elementsOf } from './s3-xml.ts'

/** A stream that says nothing for so long is broken. */
const SILENCE_MS = 30_000
/** Breaks of one stream; it goes on each time where it stopped. */
const MOST_BREAKS = 5

export interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
  readonly changedAt: Date
}

/** Size of an object; null when there is none. */
export const sizeOfObject = async (client: S3Client, key: string): Promise<number | null> => {
  const response = await client.send({ method: 'HEAD', key, accept: [404] })
  return response.status === 404 ? null : Number(response.headers.get('content-length'))
}

export const putObject = async (client: S3Client, key: string, body: Uint8Array<ArrayBuffer>): Promise<void> => {
  await discard(await client.send({ method: 'PUT', key, body }))
}

/** Deletes an object; one that is not there is fine. */
export const deleteObject = async (client: S3Client, key: string): Promise<void> => {
  await discard(await client.send({ method: 'DELETE', key, accept: [404] }))
}

/** Every object below a prefix, in the order of their keys. */
export async function* listObjects(client: S3Client, prefix: string): AsyncGenerator<StoredObject> {
  let token: string | null = null
  do {
    const query = { 'list-type': '2', prefix, ...(token === null ? {} : { 'continuation-token': token }) }
    const xml: string = await (await client.send({ method: 'GET', key: '', query })).text()
    for (const entry of elementsOf(xml, 'Contents')) {
      yield {
        key: elementOf(entry, 'Key') ?? '',
        sizeBytes: Number(elementOf(entry, 'Size')),
        changedAt: new Date(elementOf(entry, 'LastModified') ?? 0),
      }
    }
    token = elementOf(xml, 'IsTruncated') === 'true' ? elementOf(xml, 'NextContinuationToken') : null
  } while (token !== null)
}

/**
 * Opens an object, or a half-open range of it in bytes; null when there is none. A stream that breaks goes on where it
 * stopped, a few times.
 */
export const openObject = async (
  client: S3Client,
  key: string,
  range?: { readonly start: number; readonly end: number },
): Promise<{ body: Readable; sizeBytes: number } | null> => {
  const start = range?.start ?? 0
  if (range !== undefined && start >= range.end) return nothingOf(client, key)
  const headers = range === undefined ? {} : { range: `bytes=${start}-${range.end - 1}` }
  const first = await client.send({ method: 'GET', key, headers, accept: [404, 416] })
  if (first.status === 404 || first.status === 416) {
    await discard(first)
    return first.status === 404 ? null : nothingOf(client, key)
  }
  const whole = first.headers.get('content-range')?.split('/')[1] ?? first.headers.get('content-length')
  const sizeBytes = Number(whole)
  const end = Math.min(range?.end ?? sizeBytes, sizeBytes)
  return { body: Readable.from(resuming(client, key, first, start, end), { objectMode: false }), sizeBytes }
}

const nothingOf = async (client: S3Client, key: string) => {
  const sizeBytes = await sizeOfObject(client, key)
  return sizeBytes === null ? null : { body: Readable.from([]), sizeBytes }
}

async function* resuming(
  client: S3Client,
  key: string,
  first: Response,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  let response = first
  let at = start
  for (let breaks = 0; ; breaks++) {
    try {
      for await (const piece of piecesOf(response)) {
        at += piece.length
        yield piece
      }
      if (at === end) return
      throw new Error(`the stream ended ${end - at} bytes early`)
    } catch (error) {
      if (breaks === MOST_BREAKS || at > end) throw new AppError('unavailable', { cause: error })
    }
    await pause(pauseMs(breaks + 1))
    response = await client.send({ method: 'GET', key, headers: { range: `bytes=${at}-${end - 1}` } })
  }
}

async function* piecesOf(response: Response): AsyncGenerator<Buffer> {
  const reader = response.body?.getReader()
  if (reader === undefined) return
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read())
      if (done) return
      yield Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    }
  } finally {
    // Whoever stops reading early gives the connection back.
    await reader.cancel().catch(() => {})
  }
}

const inTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing arrived for ${SILENCE_MS / 1000} s`)), SILENCE_MS)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** An answer that nobody reads would keep its connection. */
const discard = async (response: Response): Promise<void> => {
  await response.body?.cancel()
}
