import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Rows are text with much repetition: level 3 is three times as fast as the default and a tenth larger. */
const GZIP_LEVEL = 3

/** Writes pieces to a new file (0600), gzipped if asked, and returns the SHA-256 of what is on the disk then. */
export const writeHashed = async (
  path: string,
  pieces: AsyncIterable<string>,
  options: { readonly gzip: boolean },
): Promise<string> => {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  const hashing = async function* (chunks: AsyncIterable<Buffer | string>) {
    for await (const chunk of chunks) {
      hash.update(chunk)
      yield chunk
    }
  }
  const file = createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true })
  const source = Readable.from(pieces, { objectMode: false })
  if (options.gzip) await pipeline(source, createGzip({ level: GZIP_LEVEL }), hashing, file)
  else await pipeline(source, hashing, file)
  return hash.digest('hex')
}

/** The SHA-256 of a file. */
export const hashOf = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}
