import type { BlobKey, BlobStore } from '@quarry/blobs'
import { FAILURES, type FailureCode, type VersionId } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import type { Logger } from '@quarry/observability'
import { ParseFailure } from '../parse/parsed-page.ts'
import type { ParserPool } from '../parse/pool.ts'
import { claimVersion, type Claim, type JobFence } from './claim.ts'
import { discardLeftovers, discardReplaced } from './discard.ts'
import { indexFile, type Course } from './index-file.ts'
import { abandonVersion, failVersion, publishVersion, type Published } from './publish.ts'

export interface IngestDeps {
  readonly blobs: Pick<BlobStore, 'localFile'>
  readonly parser: ParserPool
  readonly logger: Logger
  readonly published?: Published
}

/** For whom a version is read, and how. */
export interface IngestWork extends Course {
  /** Nothing is written any more once another worker has this job. */
  readonly job?: JobFence | null
  /** The parser leaves the processor to whoever wants it. */
  readonly background?: boolean
}

export type IngestOutcome = 'searchable' | 'failed' | 'ended'

/** A child that died once may have died of the machine's troubles; one that dies again dies of the file. */
const CRASHES_OF_ONE_FILE = 2
/** Deaths of workers in the middle of a file do not count against it, but one that takes its worker along each time ends. */
const MOST_CLAIMS = 50

/**
 * Makes an uploaded version searchable, or fails it with a reason. May be killed at any point and called again: it
 * starts over, and the rows end up the same. The version that was live answers questions until the new one is complete.
 *
 * @throws AppError `not_found` when the version is gone (final), `conflict` when another worker took it up; anything
 *   else, such as `unavailable` or the signal's reason, means that a later attempt may succeed.
 */
export async function processVersion(
  deps: IngestDeps,
  tenantDb: TenantDb,
  versionId: VersionId,
  signal: AbortSignal,
  work: IngestWork = {},
): Promise<IngestOutcome> {
  const claimed = await claimVersion(tenantDb, versionId, work.job ?? null)
  if (claimed.outcome === 'ended') {
    // An earlier attempt may have been stopped after it published.
    await discardReplaced(tenantDb, claimed.documentId, signal)
    return 'ended'
  }
  const { claim } = claimed
  await discardLeftovers(tenantDb, claim, signal)
  try {
    if (claim.attempt > MOST_CLAIMS) throw new ParseFailure('crashed')
    await index(deps, tenantDb, claim, signal, work)
  } catch (error) {
    if (!(error instanceof ParseFailure)) throw error
    if (error.code === 'crashed') {
      deps.logger.error({ err: error.cause, versionId, attempt: claim.attempt }, 'the parser crashed')
      if (claim.attempt < CRASHES_OF_ONE_FILE) throw error
    }
    await failVersion(tenantDb, claim, failureOf(error.code))
    await discardReplaced(tenantDb, claim.documentId, signal)
    return 'failed'
  }
  await discardReplaced(tenantDb, claim.documentId, signal)
  return 'searchable'
}

async function index(
  deps: IngestDeps,
  tenantDb: TenantDb,
  claim: Claim,
  signal: AbortSignal,
  work: IngestWork,
): Promise<void> {
  if (claim.mediaType === null) throw new ParseFailure('unsupported_type')
  const file = claim.blobKey === null ? null : await deps.blobs.localFile(claim.blobKey as BlobKey)
  if (file === null) throw new ParseFailure('blob_missing')
  try {
    const source = { path: file.path, mediaType: claim.mediaType }
    work.report?.('reading', 0)
    const steps = deps.parser.read(source, signal, { background: work.background ?? false })
    const summary = await indexFile(tenantDb, claim, steps, signal, work)
    await work.turn?.(signal)
    signal.throwIfAborted()
    await publishVersion(tenantDb, claim, summary, deps.published)
  } finally {
    await file.release()
  }
}

/** Fails a version that was tried as often as it may be, or that somebody has cancelled. Does nothing when it has ended. */
export async function abandonProcessing(
  tenantDb: TenantDb,
  versionId: VersionId,
  signal: AbortSignal,
  code: Extract<FailureCode, 'crashed' | 'cancelled'> = 'crashed',
): Promise<void> {
  const documentId = await abandonVersion(tenantDb, versionId, failureOf(code))
  if (documentId !== null) await discardReplaced(tenantDb, documentId, signal)
}

const failureOf = (code: FailureCode) => ({ code, message: FAILURES[code].message })
