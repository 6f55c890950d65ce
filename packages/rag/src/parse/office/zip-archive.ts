import { crc32 } from 'node:zlib'
import { fromBufferPromise, openPromise, type Entry } from 'yauzl'
import { ParseFailure } from '../parsed-page.ts'
import type { Source } from '../source.ts'
import { reasonForNoZip } from './not-a-zip.ts'

export interface ZipLimits {
  /** A book of a thousand chapters with a picture on each page has fewer. */
  readonly entries: number
  /** Inflated bytes of one entry. The sheet of a million rows of ten numbers has 400 MB. */
  readonly entryBytes: number
  /** Inflated bytes of all that is read, entries that are read twice counted twice: 10 s of inflating and parsing. */
  readonly totalBytes: number
  /** Inflated to packed size, asked once an entry has `ratioFromBytes`: XML packs 10 to 60 to 1, deflate ends at 1,032. */
  readonly ratio: number
  readonly ratioFromBytes: number
}

const MEBIBYTE = 1024 * 1024
export const ZIP_LIMITS: ZipLimits = {
  entries: 20_000,
  entryBytes: 512 * MEBIBYTE,
  totalBytes: 768 * MEBIBYTE,
  ratio: 250,
  ratioFromBytes: 8 * MEBIBYTE,
}

export interface ZipArchive {
  /** As the central directory has them, with `/` between folders. */
  readonly names: readonly string[]
  has(name: string): boolean
  /** The bytes of an entry, inflated as they are asked for. @throws ParseFailure `damaged`, `encrypted`, `unpacks_too_large` */
  stream(name: string): AsyncGenerator<Buffer>
  /** All bytes of an entry. @throws ParseFailure, `unpacks_too_large` also past `mostBytes` */
  read(name: string, mostBytes: number): Promise<Buffer>
  close(): void
}

const ENCRYPTED_FLAG = 1

/**
 * Opens a zip file for reading single entries into memory; nothing is ever written, so that names such as `../x` or
 * `/etc/x` are only names. The central directory is believed about where an entry is, never about its size: bytes are
 * counted as they come out, and reading stops at the first one above a limit. An archive inside is an entry like any other.
 * @throws ParseFailure `damaged`; `encrypted`, `unsupported_type` for what is another container; `unpacks_too_large` for a
 *   directory of too many entries
 */
export async function openZip(source: Source, limits: ZipLimits = ZIP_LIMITS): Promise<ZipArchive> {
  // Names are decoded here: yauzl refuses a whole file for one name that would be dangerous to write to.
  const options = { lazyEntries: true, autoClose: false, decodeStrings: false }
  const opened =
    typeof source === 'string' ? openPromise(source, options) : fromBufferPromise(Buffer.from(source), options)
  const zip = await opened.catch(async (cause: unknown) => {
    throw new ParseFailure(await reasonForNoZip(source), { cause })
  })
  const entries = new Map<string, Entry>()
  try {
    if (zip.entryCount > limits.entries) throw new ParseFailure('unpacks_too_large')
    for await (const entry of zip.eachEntry()) {
      const name = nameOf(entry)
      if (!name.endsWith('/') && !entries.has(name)) entries.set(name, entry)
    }
  } catch (error) {
    zip.close()
    return damaged(error)
  }
  let total = 0

  async function* stream(name: string): AsyncGenerator<Buffer> {
    const entry = entries.get(name)
    if (entry === undefined) throw new ParseFailure('damaged', { cause: new Error(`no entry ${name}`) })
    if ((entry.generalPurposeBitFlag & ENCRYPTED_FLAG) !== 0) throw new ParseFailure('encrypted')
    let size = 0
    let sum = 0
    try {
      for await (const chunk of await zip.openReadStreamPromise(entry)) {
        if (!Buffer.isBuffer(chunk)) continue
        size += chunk.length
        total += chunk.length
        const dense = size > limits.ratioFromBytes && size > entry.compressedSize * limits.ratio
        if (size > limits.entryBytes || total > limits.totalBytes || dense) throw new ParseFailure('unpacks_too_large')
        sum = crc32(chunk, sum)
        yield chunk
      }
    } catch (error) {
      damaged(error)
    }
    if (sum !== entry.crc32) throw new ParseFailure('damaged', { cause: new Error(`checksum of ${name}`) })
  }

  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    stream,
    async read(name, mostBytes) {
      const chunks: Buffer[] = []
      let size = 0
      for await (const chunk of stream(name)) {
        size += chunk.length
        if (size > mostBytes) throw new ParseFailure('unpacks_too_large')
        chunks.push(chunk)
      }
      return Buffer.concat(chunks)
    },
    close: () => zip.close(),
  }
}

/** Opens, hands over, and closes, however the reader ends. */
export async function* withZip<T>(source: Source, read: (zip: ZipArchive) => AsyncGenerator<T>): AsyncGenerator<T> {
  const zip = await openZip(source)
  try {
    yield* read(zip)
  } finally {
    zip.close()
  }
}

/** UTF-8 in all formats read here; some writers part folders by `\`. */
const nameOf = (entry: Entry) => entry.fileNameRaw.toString('utf8').replaceAll('\\', '/').replace(/^\/+/u, '')

/** All that yauzl and zlib throw speaks of the file's bytes. */
function damaged(cause: unknown): never {
  throw cause instanceof ParseFailure ? cause : new ParseFailure('damaged', { cause })
}
