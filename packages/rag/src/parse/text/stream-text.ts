import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { decodeWith, encodingOf, type TextEncoding } from '../decode.ts'
import { ParseFailure } from '../parsed-page.ts'
import { bytesOf, type Source } from '../source.ts'

/** Enough to see a file's columns and, as a rule, its encoding. */
const HEAD_BYTES = 256 * 1024

export interface TextFile {
  readonly encoding: TextEncoding
  /** The first part of the text. */
  readonly head: string
}

/**
 * Looks through a file for its encoding without holding it: a file that is ASCII for megabytes tells it late.
 * @throws ParseFailure `not_text`
 */
export async function openText(source: Source): Promise<TextFile> {
  if (typeof source !== 'string') {
    const encoding = encodingOf(source)
    return { encoding, head: decodeWith(encoding, source.subarray(0, HEAD_BYTES)) }
  }
  const file = await open(source)
  try {
    const start = await chunkAt(file, 0)
    const first = encodingOf(start)
    const encoding = first.label === 'utf-8' && !first.guessed ? await confirmed(file, first) : first
    return { encoding, head: decodeWith(encoding, start) }
  } finally {
    await file.close()
  }
}

/** The text of a file, part by part. @throws ParseFailure `not_text` when there is a NUL in it. */
export async function* textOf(source: Source, encoding: TextEncoding): AsyncGenerator<string> {
  if (typeof source !== 'string' || encoding.label.startsWith('utf-32')) {
    yield textual(decodeWith(encoding, await bytesOf(source)))
    return
  }
  const decoder = new TextDecoder(encoding.label, { ignoreBOM: true })
  for await (const bytes of createReadStream(source, { start: encoding.markBytes, highWaterMark: HEAD_BYTES }))
    yield textual(decoder.decode(bytes as Uint8Array, { stream: true }))
  yield textual(decoder.decode())
}

function textual(text: string): string {
  if (text.includes('\0')) throw new ParseFailure('not_text')
  return text
}

async function confirmed(file: FileHandle, utf8: TextEncoding): Promise<TextEncoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let at = 0; ; at += HEAD_BYTES) {
    const bytes = await bytesAt(file, at)
    try {
      decoder.decode(bytes, { stream: bytes.byteLength === HEAD_BYTES })
    } catch {
      // What comes before was valid: a broken character of UTF-8, unless all of it was ASCII.
      const other = encodingOf(await chunkAt(file, at))
      return other.guessed ? other : { ...utf8, guessed: true }
    }
    if (bytes.byteLength < HEAD_BYTES) return utf8
  }
}

async function bytesAt(file: FileHandle, at: number): Promise<Uint8Array> {
  const buffer = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, at)
  return buffer.subarray(0, bytesRead)
}

/** Cut behind a line where the file goes on, so that no character is. */
async function chunkAt(file: FileHandle, at: number): Promise<Uint8Array> {
  const bytes = await bytesAt(file, at)
  if (bytes.byteLength < HEAD_BYTES) return bytes
  const lineEnd = bytes.lastIndexOf(0x0a)
  // UTF-16 and UTF-32 are cut in whole characters: the buffer's size is even.
  return lineEnd === -1 || bytes.includes(0) ? bytes : bytes.subarray(0, lineEnd + 1)
}
