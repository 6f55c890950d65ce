import { documentId, type DocumentId } from '@quarry/contracts'
import { z } from 'zod'

/**
 * Files that were uploaded together, kept where all tabs of a browser see them: whichever is looked at when the last
 * of them has been read says so, also after the tab that sent them is gone.
 */
const batch = z.object({
  id: z.string(),
  /** More may come from its tab, as long as that says so. */
  sendingUntil: z.number(),
  /** Not known to be done. */
  pending: z.array(documentId),
  searchable: z.number(),
  failed: z.number(),
})
export type UploadBatch = z.infer<typeof batch>

/** Enough for what anybody waits for; the oldest is forgotten. */
const MAX_BATCHES = 20

export interface Batches {
  readonly read: () => UploadBatch[]
  readonly write: (batches: readonly UploadBatch[]) => void
}

/** The batches of one person in one workspace. What cannot be read or kept is as if there were none. */
export const storedBatches = (storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>, key: string): Batches => ({
  read: () => {
    try {
      return z.array(batch).parse(JSON.parse(storage.getItem(key) ?? '[]'))
    } catch {
      return []
    }
  },
  write: (batches) => {
    try {
      if (batches.length === 0) storage.removeItem(key)
      else storage.setItem(key, JSON.stringify(batches.slice(-MAX_BATCHES)))
    } catch {
      // The browser keeps no more: the notice is lost, the files are not.
    }
  },
})

/** The same batches with these files added to one of them. A tab that sends no more ends its batch at once. */
export const withUploaded = (
  batches: readonly UploadBatch[],
  id: string,
  added: readonly DocumentId[],
  sendingUntil: number,
): UploadBatch[] => {
  const known = batches.find((one) => one.id === id)
  if (known === undefined && added.length === 0) return [...batches]
  const next = known ?? { id, sendingUntil, pending: [], searchable: 0, failed: 0 }
  return [
    ...batches.filter((one) => one.id !== id),
    { ...next, sendingUntil, pending: [...next.pending, ...added.filter((one) => !next.pending.includes(one))] },
  ]
}

/** What has become of a file. `gone` ones are counted nowhere. */
export type Fate = 'searchable' | 'failed' | 'gone'

/** The batch with what is known of its files by now. */
export const settled = (one: UploadBatch, fates: ReadonlyMap<DocumentId, Fate>): UploadBatch => {
  const count = (fate: Fate) => one.pending.filter((id) => fates.get(id) === fate).length
  return {
    ...one,
    pending: one.pending.filter((id) => !fates.has(id)),
    searchable: one.searchable + count('searchable'),
    failed: one.failed + count('failed'),
  }
}

export const isOver = ({ pending, sendingUntil }: UploadBatch, now: number): boolean =>
  pending.length === 0 && sendingUntil <= now
