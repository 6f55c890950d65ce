import type { S3Client } from './s3-client.ts'
import { S3Refusal } from './s3-client.ts'
import { putObject } from './s3-objects.ts'
import { elementOf, elementsOf, escapeXml } from './s3-xml.ts'
import { AppError } from '@quarry/contracts'

/** S3 takes parts from 5 MiB and 10,000 of them; 8 MiB is what Amazon's own tools send, and this much memory per upload. */
export const PART_BYTES = 8 * 1024 * 1024

/** Cuts a stream into parts of PART_BYTES; the last one is shorter, and an empty stream has one that is empty. */
export async function* partsOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let waiting: Buffer[] = []
  let size = 0
  let cut = 0
  for await (const piece of pieces) {
    waiting.push(piece)
    size += piece.length
    while (size >= PART_BYTES) {
      const all = Buffer.concat(waiting)
      yield all.subarray(0, PART_BYTES)
      cut += 1
      waiting = [all.subarray(PART_BYTES)]
      size -= PART_BYTES
    }
  }
  if (size > 0 || cut === 0) yield Buffer.concat(waiting)
}

/**
 * Stores a stream of any length under a key. It appears whole or not at all: `confirm` is called when everything has
 * been read, and when it throws nothing is stored.
 */
export const putStream = async (
  client: S3Client,
  key: string,
  pieces: AsyncIterable<Buffer>,
  confirm: () => void,
): Promise<void> => {
  const parts = partsOf(pieces)
  const first = await parts.next()
  if (first.done === true) throw new TypeError('a stream has at least one part')
  const second = await parts.next()
  if (second.done === true) {
    confirm()
    return putObject(client, key, first.value)
  }
  const uploadId = await begin(client, key)
  try {
    const tags: string[] = []
    const send = async (body: Buffer<ArrayBuffer>) => {
      tags.push(await sendPart(client, key, uploadId, tags.length + 1, body))
    }
    await send(first.value)
    await send(second.value)
    for await (const part of parts) await send(part)
    confirm()
    await complete(client, key, uploadId, tags)
  } catch (error) {
    // What is left otherwise costs money and is not listed; a sweep takes it away, too.
    await abort(client, key, uploadId).catch(() => {})
    throw error
  }
}

const begin = async (client: S3Client, key: string): Promise<string> => {
  const response = await client.send({ method: 'POST', key, query: { uploads: '' } })
  const uploadId = elementOf(await response.text(), 'UploadId')
  if (uploadId === null) throw new AppError('unavailable', { cause: new Error('the S3 store began no upload') })
  return uploadId
}

const sendPart = async (client: S3Client, key: string, uploadId: string, number: number, body: Buffer<ArrayBuffer>) => {
  const query = { partNumber: String(number), uploadId }
  const response = await client.send({ method: 'PUT', key, query, body })
  await response.body?.cancel()
  return response.headers.get('etag') ?? ''
}

const complete = async (client: S3Client, key: string, uploadId: string, tags: readonly string[]): Promise<void> => {
  const list = tags.map((tag, i) => `<Part><PartNumber>${i + 1}</PartNumber><ETag>${escapeXml(tag)}</ETag></Part>`)
  const body = Buffer.from(`<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`)
  const response = await client.send({ method: 'POST', key, query: { uploadId }, body })
  // Amazon answers 200 before it has put the parts together, and may add an error afterwards (its reference, "CompleteMultipartUpload").
  const code = elementOf(await response.text(), 'Code')
  if (code !== null) throw new AppError('unavailable', { cause: new S3Refusal(response.status, code, client.bucket) })
}

const abort = async (client: S3Client, key: string, uploadId: string): Promise<void> => {
  const response = await client.send({ method: 'DELETE', key, query: { uploadId }, accept: [404] })
  await response.body?.cancel()
}

/** Takes away uploads in parts that were begun before `olderThan` and never completed. */
export const abortStale = async (client: S3Client, prefix: string, olderThan: Date): Promise<void> => {
  const response = await client.send({ method: 'GET', key: '', query: { uploads: '', prefix }, accept: [501] })
  const xml = await response.text()
  // A store that cannot list them has a rule of its own for them, or keeps none.
  if (response.status === 501) return
  for (const entry of elementsOf(xml, 'Upload')) {
    const [key, uploadId] = [elementOf(entry, 'Key'), elementOf(entry, 'UploadId')]
    const begunAt = new Date(elementOf(entry, 'Initiated') ?? 0)
    if (key !== null && uploadId !== null && begunAt < olderThan) await abort(client, key, uploadId)
  }
}
