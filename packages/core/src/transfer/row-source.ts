import type { BlobKey, BlobStore } from '@quarry/blobs'
import type { OrgId } from '@quarry/contracts'
import type { CopyTable, Progress, RowBatch, RowSum } from '@quarry/db/transfer'

export interface SourceBlob {
  readonly key: BlobKey
}

/** An installation to copy from: a database with its files, or a backup of one. */
export interface RowSource {
  readonly tables: readonly CopyTable[]
  readonly organisations: readonly OrgId[]
  /** Names and last values. */
  readonly sequences: Readonly<Record<string, string>>
  /** Digests of the migrations that made its tables. */
  readonly migrations: readonly string[]
  /** Rows that come after those that were written already. */
  batches(table: CopyTable, orgId: OrgId | null, from: Progress): AsyncIterable<RowBatch>
  /** What the rows that were written already come to here, now. */
  sumUpTo(table: CopyTable, orgId: OrgId | null, from: Progress): Promise<RowSum>
  /** The files that rows refer to. */
  blobs(): Promise<readonly SourceBlob[]>
  readonly store: BlobStore
}
