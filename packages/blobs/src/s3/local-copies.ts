import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@quarry/contracts'

/** No job works on a file for so long (the longest deadline is half an hour): whoever made such a copy is dead. */
const STALE_MS = 3600_000

/** Files of this machine with the bytes of blobs that are elsewhere, for parser processes. */
export interface LocalCopies {
  /** Copies a stream that must hash to `sha256`. 0600; `release` removes it. */
  make(body: Readable, sha256: string): Promise<{ path: string; release: () => Promise<void> }>
}

export const createLocalCopies = (folder: string): LocalCopies => {
  let prepared: Promise<void> | undefined
  const prepare = async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    for (const name of await readdir(folder)) {
      const path = join(folder, name)
      const found = await stat(path).catch(() => null)
      if (found !== null && found.mtimeMs < Date.now() - STALE_MS) await rm(path, { force: true })
    }
  }
  return {
    make: async (body, sha256) => {
      // Once, when the first copy is needed; a folder that cannot be made is tried again.
      prepared ??= prepare().catch((error: unknown) => {
        prepared = undefined
        throw error
      })
      await prepared
      const path = join(folder, randomUUID())
      const release = () => rm(path, { force: true })
      try {
        const hash = createHash('sha256')
        await pipeline(
          body,
          async function* (pieces: AsyncIterable<Buffer>) {
            for await (const piece of pieces) {
              hash.update(piece)
              yield piece
            }
          },
          createWriteStream(path, { mode: 0o600, flags: 'wx' }),
        )
        if (hash.digest('hex') !== sha256)
          throw new AppError('unavailable', {
            cause: new Error('a blob does not have the content that it is named by'),
          })
        return { path, release }
      } catch (error) {
        await release()
        throw error
      }
    },
  }
}
