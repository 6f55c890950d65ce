import type { Readable } from 'node:stream'
import { AppError } from '@quarry/contracts'
import { PART_BYTES } from './multipart.ts'
import type { S3Client } from './s3-client.ts'
import { listObjects, openObject, putObject } from './s3-objects.ts'

/** Names sort as numbers do: as many digits as the largest exact integer has. */
const DIGITS = 16
const RECEIPT = 'finished'

export interface UploadState {
  /** Offsets and sizes of the parts that follow each other without a gap. */
  readonly parts: readonly { readonly key: string; readonly sizeBytes: number }[]
  readonly sizeBytes: number
  readonly isFinished: boolean
}

export const receiptKeyOf = (folder: string): string => `${folder}/${RECEIPT}`

/**
 * What is stored of an upload. Each append leaves objects named by their offset, so that any replica can go on. Two that
 * wrote at once may have left objects past a gap, or over each other: those at the right offsets count, in order.
 */
export const readUpload = async (client: S3Client, folder: string): Promise<UploadState> => {
  const sizes = new Map<number, { key: string; sizeBytes: number }>()
  let isFinished = false
  for await (const { key, sizeBytes } of listObjects(client, `${folder}/`)) {
    const name = key.slice(folder.length + 1)
    if (name === RECEIPT) isFinished = true
    else if (/^\d+$/.test(name) && sizeBytes > 0) sizes.set(Number(name), { key, sizeBytes })
  }
  const parts: { key: string; sizeBytes: number }[] = []
  let at = 0
  for (let part = sizes.get(0); part !== undefined; part = sizes.get(at)) {
    parts.push(part)
    at += part.sizeBytes
  }
  return { parts, sizeBytes: at, isFinished }
}

/** Stores a stream as parts from `offset` on, also what arrived before the stream broke. Returns the new size. */
export const appendParts = async (
  client: S3Client,
  folder: string,
  offset: number,
  body: Readable,
  maxBytes: number,
): Promise<number> => {
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let size = offset
  const store = async () => {
    if (waitingBytes === 0) return
    const part = Buffer.concat(waiting)
    waiting = []
    waitingBytes = 0
    await putObject(client, `${folder}/${String(size).padStart(DIGITS, '0')}`, part)
    size += part.length
  }
  try {
    for await (const piece of body as AsyncIterable<Buffer>) {
      if (size + waitingBytes + piece.length > maxBytes) throw new AppError('too_large', { details: { maxBytes } })
      waiting.push(piece)
      waitingBytes += piece.length
      if (waitingBytes >= PART_BYTES) await store()
    }
  } finally {
    await store()
  }
  return size
}

/** The bytes of all parts, one after the other. */
export async function* readParts(client: S3Client, { parts }: UploadState): AsyncGenerator<Buffer> {
  for (const part of parts) {
    const found = await openObject(client, part.key)
    if (found === null) throw new AppError('conflict', { message: 'The bytes of this upload are gone.' })
    yield* found.body as AsyncIterable<Buffer>
  }
}
