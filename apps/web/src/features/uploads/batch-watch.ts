import type { DocumentId } from '@quarry/contracts'
import { type Batches, type Fate, isOver, settled, type UploadBatch, withUploaded } from './upload-batches.ts'

export interface BatchWatchParts {
  readonly batches: Batches
  /** What has become of these files, of those that are done; at most 100 a call. */
  readonly fatesOf: (ids: readonly DocumentId[]) => Promise<ReadonlyMap<DocumentId, Fate>>
  /** Whether somebody looks at this tab. */
  readonly isLookedAt: () => boolean
  readonly announce: (batch: UploadBatch) => void
  /** Runs one at a time over all tabs of the browser; with `ifFree` not at all while another runs. */
  readonly alone: (ifFree: boolean, run: () => Promise<void>) => Promise<void>
  readonly now?: () => number
}

/** Files of a batch that are asked for in one call: `documents.places` takes as many. */
const WINDOW = 100
/** How long a tab's word counts that more files come. It says so again while it sends. */
const SENDING_MS = 30_000

/** Keeps what was uploaded together, finds out what becomes of it, and has its end told once, by a tab that is looked at. */
export const createBatchWatch = ({
  batches,
  fatesOf,
  isLookedAt,
  announce,
  alone,
  now = Date.now,
}: BatchWatchParts) => {
  const tell = () =>
    alone(false, async () => {
      if (!isLookedAt()) return
      const all = batches.read()
      const over = all.filter((one) => isOver(one, now()))
      if (over.length === 0) return
      // First forgotten, then told: it is never told twice.
      batches.write(all.filter((one) => !over.includes(one)))
      for (const one of over) if (one.searchable + one.failed > 0) announce(one)
    })
  return {
    /** More has arrived; `sending`: and more will. */
    add: (id: string, added: readonly DocumentId[], sending: boolean) =>
      alone(false, async () => {
        batches.write(withUploaded(batches.read(), id, added, sending ? now() + SENDING_MS : 0))
      }),
    /** Looks what has become of the files. One tab of the browser does, the others hear of it by what it keeps. */
    check: async () => {
      await alone(true, async () => {
        for (;;) {
          const asked = batches
            .read()
            .flatMap(({ pending }) => pending)
            .slice(0, WINDOW)
          if (asked.length === 0) return
          const fates = await fatesOf(asked)
          batches.write(batches.read().map((one) => settled(one, fates)))
          // Files are read in about the order in which they came: behind a window with unread ones are hardly others.
          if (fates.size < asked.length) return
        }
      })
      await tell()
    },
    tell,
  }
}
export type BatchWatch = ReturnType<typeof createBatchWatch>
