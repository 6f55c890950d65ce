import type { ReadVersions, VersionRef, VersionRow } from '../cached-reads.ts'

interface OutboxRow extends VersionRow {
  readonly id: number
}

/** The tables `cache_version` and `cache_outbox` in memory, with what the triggers do, for tests of the cache alone. */
export const createVersionStore = () => {
  const versions = new Map<string, VersionRow>()
  let outbox: OutboxRow[] = []
  let lastId = 0
  let reads = 0
  return {
    /** A commit that touches `refs`. */
    commit: (...refs: readonly VersionRef[]): void => {
      for (const { subjectId, tag } of refs) {
        const key = `${subjectId}:${tag}`
        const row = { subjectId, tag, version: (versions.get(key)?.version ?? 0) + 1 }
        versions.set(key, row)
        outbox.push({ ...row, id: ++lastId })
      }
    },
    readVersions: (async (subjectIds) => {
      reads++
      return [...versions.values()].filter((row) => subjectIds.includes(row.subjectId))
    }) satisfies ReadVersions,
    readOutbox: async (): Promise<readonly OutboxRow[]> => [...outbox],
    forget: (rows: readonly OutboxRow[]): void => {
      const ids = new Set(rows.map(({ id }) => id))
      outbox = outbox.filter(({ id }) => !ids.has(id))
    },
    get waiting() {
      return outbox.length
    },
    /** How often the versions were read. */
    get reads() {
      return reads
    },
  }
}

export type VersionStore = ReturnType<typeof createVersionStore>
