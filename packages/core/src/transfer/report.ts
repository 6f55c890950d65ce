import type { OrgId } from '@quarry/contracts'
import type { RowSum } from '@quarry/db/transfer'

/** How far it is, for whoever watches. `total` is null where nobody knows. */
export interface TransferStep {
  readonly what: 'checking' | 'rows' | 'files' | 'comparing'
  /** A table or a key. */
  readonly at: string
  readonly done: number
  readonly total: number | null
}

export interface TransferWatcher {
  step(step: TransferStep): void
  /** Something the person should know, which stops nothing. */
  note(line: string): void
}

export interface TableReport extends RowSum {
  readonly table: string
  readonly organisation: OrgId | null
}

export interface BlobReport {
  readonly count: number
  readonly bytes: number
  /** Keys of files that the source itself has lost. */
  readonly missing: readonly string[]
  /** Keys of files whose bytes are not what they were when they were uploaded. */
  readonly damaged: readonly string[]
}

/** What was copied, counted and compared. */
export interface TransferReport {
  readonly organisations: number
  readonly rows: number
  readonly tables: readonly TableReport[]
  readonly blobs: BlobReport
  /** Files and embeddings that were still to be worked on, and are in the new queue. */
  readonly requeued: number
  /** It went on with what an interrupted one had written. */
  readonly resumed: boolean
  readonly seconds: number
}

export const NO_BLOBS: BlobReport = { count: 0, bytes: 0, missing: [], damaged: [] }

/** What a dry run says: what would be copied. */
export const plannedReport = (
  organisations: number,
  tables: readonly TableReport[],
  blobs: Pick<BlobReport, 'count'> & Partial<BlobReport>,
): TransferReport => ({
  organisations,
  rows: rowsOf(tables),
  tables,
  blobs: { ...NO_BLOBS, ...blobs },
  requeued: 0,
  resumed: false,
  seconds: 0,
})

export const rowsOf = (tables: readonly TableReport[]): number => tables.reduce((sum, { rows }) => sum + rows, 0)
