import { open, stat, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { AppError } from '@quarry/contracts'

/** Bytes in a file; 0 when there is none. */
export const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}

/**
 * Appends `body` to a file that must have `offset` bytes, and returns its new size. Whatever arrived is on the disk when
 * this ends, also when it ends by an error of the stream. Past `maxBytes` it throws AppError('too_large').
 */
export const appendAt = async (path: string, offset: number, body: Readable, maxBytes: number): Promise<number> => {
  const handle = await open(path, 'a', 0o600)
  try {
    const { size } = await handle.stat()
    if (size !== offset) throw new AppError('conflict', { details: { offset: size } })
    return await appendAll(handle, offset, body, maxBytes)
  } finally {
    await handle.datasync()
    await handle.close()
  }
}

const appendAll = async (handle: FileHandle, offset: number, body: Readable, maxBytes: number): Promise<number> => {
  let size = offset
  for await (const piece of body as AsyncIterable<Buffer>) {
    if (size + piece.length > maxBytes) throw new AppError('too_large', { details: { maxBytes } })
    await handle.appendFile(piece)
    size += piece.length
  }
  return size
}

/** A new name in a folder survives a power cut only when the folder itself is synced (fsync(2)). */
export const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
