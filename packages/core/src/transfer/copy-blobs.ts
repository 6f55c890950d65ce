import type { BlobStore } from '@quarry/blobs'
import { AppError } from '@quarry/contracts'
import { NO_BLOBS, type BlobReport, type TransferWatcher } from './report.ts'
import type { RowSource, SourceBlob } from './row-source.ts'

/** Files at the same time: enough to fill a network while each waits for its answer; each takes at most two parts of memory. */
const AT_ONCE = 4

/** The size that tells whether a blob is there, without reading it. */
const NOTHING = { start: 0, end: 0 }

/**
 * Copies every file that is not there yet, each checked by the SHA-256 that is its name. Files that the source has lost,
 * or that are not what they were, are reported: they were so before.
 */
export const copyBlobs = async (
  source: Pick<RowSource, 'blobs' | 'store'>,
  target: BlobStore,
  watcher: TransferWatcher,
  signal: AbortSignal,
): Promise<BlobReport> => {
  const waiting = [...(await source.blobs())]
  const total = waiting.length
  const report = { ...NO_BLOBS, missing: [] as string[], damaged: [] as string[] }
  const copyNext = async (): Promise<void> => {
    for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
      signal.throwIfAborted()
      const outcome = await copyOne(source.store, target, blob)
      if (typeof outcome === 'number') {
        report.count += 1
        report.bytes += outcome
      } else report[outcome].push(blob.key)
      watcher.step({ what: 'files', at: blob.key, done: total - waiting.length, total })
    }
  }
  const all = await Promise.allSettled(Array.from({ length: AT_ONCE }, copyNext))
  for (const one of all) if (one.status === 'rejected') throw one.reason
  return report
}

/** Its size, or what is wrong with it. */
const copyOne = async (
  source: BlobStore,
  target: BlobStore,
  { key }: SourceBlob,
): Promise<number | 'missing' | 'damaged'> => {
  const there = await target.read(key, NOTHING)
  const here = await source.read(key, NOTHING)
  if (here === null) return 'missing'
  if (there !== null && there.sizeBytes === here.sizeBytes) return here.sizeBytes
  const found = await source.read(key)
  if (found === null) return 'missing'
  try {
    await target.put(key, found.body)
    return found.sizeBytes
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return 'damaged'
    throw error
  }
}
