import { and, eq, inArray, sql } from 'drizzle-orm'
import { sha256Of, type BlobKey } from '@quarry/blobs'
import { orgId as orgIdSchema, type OrgId } from '@quarry/contracts'
import { schema, type Database } from '@quarry/db'
import { lockBlobs } from '../documents/blob-references.ts'
import type { CronTask } from './task.ts'

/** Bytes get their name before a row refers to them: an upload that is younger may still be on its way there. */
const GRACE_MS = 24 * 3600_000
/** A mark counts for five minutes (blob_is_going): a delete that begins under it has four to end. */
const MARK_MS = 60_000
/** Keys of one transaction and of one look at the rows. */
const HEAP = 200

const { documentVersion, processLease } = schema

/**
 * Deletes stored bytes that no version refers to: what a process left that died between storing bytes and saying whose
 * they are. `graceMs` is for tests. An upload of the same content that comes meanwhile waits, and puts its bytes back:
 * each heap is marked before it goes (a lease that `isBeingDeleted` asks for), behind the lock that uploads take. `now` is
 * the clock of the wall: a process that was frozen, or a slow store, outlives its marks, and marks anew what is left.
 */
export const sweepOrphanedBlobs =
  (graceMs = GRACE_MS, now: () => number = Date.now): CronTask =>
  async ({ database, blobs }, signal) => {
    const counts = { seen: 0, deleted: 0 }
    const heaps = new Map<string, BlobKey[]>()
    const sweep = async (org: string): Promise<void> => {
      const keys = heaps.get(org) ?? []
      heaps.delete(org)
      const remove = (key: BlobKey) => {
        signal.throwIfAborted()
        return blobs.delete(key)
      }
      counts.deleted += await deleteUnused(database, orgIdSchema.parse(org), keys, remove, now)
    }
    await forgetOldMarks(database)
    for await (const key of blobs.listBlobs(new Date(Date.now() - graceMs))) {
      signal.throwIfAborted()
      counts.seen++
      const org = key.slice(0, key.indexOf('/'))
      const heap = heaps.get(org) ?? []
      heaps.set(org, [...heap, key])
      if (heap.length + 1 >= HEAP) await sweep(org)
    }
    for (const org of heaps.keys()) await sweep(org)
    return counts
  }

const deleteUnused = async (
  database: Database,
  orgId: OrgId,
  keys: readonly BlobKey[],
  remove: (key: BlobKey) => Promise<void>,
  now: () => number,
): Promise<number> => {
  let markedAt = now()
  const marked = await mark(database, orgId, keys)
  let left = marked
  let deleted = 0
  try {
    while (left.length > 0) {
      while (now() - markedAt > MARK_MS) {
        markedAt = now()
        left = await mark(database, orgId, left)
      }
      const [key, ...rest] = left
      if (key === undefined) break
      await remove(key)
      deleted++
      left = rest
    }
  } finally {
    await unmark(database, marked)
  }
  return deleted
}

const leaseOf = (key: BlobKey): string => `blob:${key}`

/** Those that no version has; from now on nobody refers to them until they are unmarked. */
const mark = (database: Database, orgId: OrgId, keys: readonly BlobKey[]): Promise<BlobKey[]> =>
  database.system(async (tx) => {
    await lockBlobs(tx, keys)
    const used = await tx
      .selectDistinct({ key: documentVersion.blobKey })
      .from(documentVersion)
      .where(
        and(
          eq(documentVersion.orgId, orgId),
          // By the hash, which has an index.
          inArray(documentVersion.contentHash, keys.map(sha256Of)),
          inArray(documentVersion.blobKey, [...keys]),
        ),
      )
    const inUse = new Set(used.map(({ key }) => key))
    const unused = keys.filter((key) => !inUse.has(key))
    const seenAt = sql`clock_timestamp()`
    if (unused.length > 0)
      await tx
        .insert(processLease)
        .values(unused.map((key) => ({ name: leaseOf(key), holder: 'sweep', host: '', seenAt })))
        .onConflictDoUpdate({ target: processLease.name, set: { seenAt } })
    return unused
  })

const unmark = (database: Database, keys: readonly BlobKey[]): Promise<void> =>
  database.system(async (tx) => {
    if (keys.length > 0) await tx.delete(processLease).where(inArray(processLease.name, keys.map(leaseOf)))
  })

/** Of a sweep that died. */
const forgetOldMarks = (database: Database): Promise<void> =>
  database.system(async (tx) => {
    await tx
      .delete(processLease)
      .where(sql`${processLease.name} like 'blob:%' and ${processLease.seenAt} < clock_timestamp() - interval '1 hour'`)
  })
