import type { CollectionId, DocumentId, VersionId } from '@quarry/contracts'

/** Why a file was not taken, in words. */
export interface UploadProblem {
  readonly message: string
  readonly action: string
}

export type UploadPhase =
  | 'queued'
  | 'uploading'
  /** The connection is lost; it goes on by itself. */
  | 'waiting'
  | 'completing'
  | 'accepted'
  | 'unchanged'
  | 'failed'
  | 'refused'
  | 'cancelled'

/** One file on its way to the server. */
export interface Upload {
  readonly key: string
  readonly path: string
  readonly sizeBytes: number
  readonly collectionId: CollectionId
  readonly phase: UploadPhase
  readonly sentBytes: number
  readonly ticket: VersionId | null
  readonly documentId: DocumentId | null
  readonly problem: UploadProblem | null
}

const ACTIVE: ReadonlySet<UploadPhase> = new Set(['queued', 'uploading', 'waiting', 'completing'])
const PROBLEMS: ReadonlySet<UploadPhase> = new Set(['failed', 'refused'])

export const isActive = (upload: Upload): boolean => ACTIVE.has(upload.phase)
export const isProblem = (upload: Upload): boolean => PROBLEMS.has(upload.phase)

/** 0–100 of one upload's bytes. */
export const percentSent = ({ phase, sentBytes, sizeBytes }: Upload): number => {
  if (phase === 'completing' || phase === 'accepted' || phase === 'unchanged') return 100
  return sizeBytes === 0 ? 0 : (sentBytes / sizeBytes) * 100
}

/** 0–100 of the bytes of all uploads that are not refused. */
export const percentOfAll = (uploads: readonly Upload[]): number => {
  const counted = uploads.filter((u) => !isProblem(u) && u.phase !== 'cancelled')
  const total = counted.reduce((sum, u) => sum + u.sizeBytes, 0)
  const sent = counted.reduce((sum, u) => sum + (percentSent(u) / 100) * u.sizeBytes, 0)
  return total === 0 ? 100 : (sent / total) * 100
}
