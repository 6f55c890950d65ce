import { and, eq } from 'drizzle-orm'
import {
  collectionId,
  documentId,
  FAILURES,
  failureCode,
  mediaType,
  versionId,
  WARNINGS,
  type DocumentItem,
  type Version,
} from '@quarry/contracts'
import { keysetMoment, schema, type TenantTx } from '@quarry/db'

const { document, documentVersion } = schema

const versionColumns = {
  id: documentVersion.id,
  state: documentVersion.state,
  stage: documentVersion.stage,
  progress: documentVersion.progress,
  mediaType: documentVersion.mediaType,
  sizeBytes: documentVersion.sizeBytes,
  contentHash: documentVersion.contentHash,
  pageCount: documentVersion.pageCount,
  language: documentVersion.language,
  errorCode: documentVersion.errorCode,
  errorText: documentVersion.errorText,
  warnings: documentVersion.warnings,
  semantic: documentVersion.semantic,
  createdAt: documentVersion.createdAt,
  searchableAt: documentVersion.searchableAt,
}

/** A document with its newest version, in one query: the shape that every read of documents starts from. */
export const selectDocuments = (tx: TenantTx) =>
  tx
    .select({
      id: document.id,
      collectionId: document.collectionId,
      path: document.sourcePath,
      title: document.title,
      liveVersionId: document.liveVersionId,
      createdAt: document.createdAt,
      cursorAt: keysetMoment(document.createdAt),
      latest: versionColumns,
    })
    .from(document)
    .innerJoin(
      documentVersion,
      and(eq(documentVersion.orgId, document.orgId), eq(documentVersion.id, document.latestVersionId)),
    )
    .$dynamic()

export type DocumentRow = Awaited<ReturnType<typeof selectDocuments>>[number]
export type VersionRow = DocumentRow['latest']

export const selectVersion = (tx: TenantTx, orgId: string, id: string) =>
  tx
    .select({
      ...versionColumns,
      documentId: documentVersion.documentId,
      collectionId: documentVersion.collectionId,
      sectionCount: documentVersion.sectionCount,
      blobKey: documentVersion.blobKey,
    })
    .from(documentVersion)
    .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, id)))

export const toVersion = (row: VersionRow): Version => ({
  id: versionId.parse(row.id),
  state: row.state,
  stage: row.stage,
  progress: row.progress,
  mediaType: mediaType.nullable().catch(null).parse(row.mediaType),
  sizeBytes: row.sizeBytes,
  contentHash: row.contentHash,
  pageCount: row.pageCount,
  language: row.language,
  warnings: row.warnings.map((warning) => ({ ...warning, message: WARNINGS[warning.code].message })),
  semantic: row.semantic,
  failure: row.state === 'failed' ? failureOf(row.errorCode, row.errorText) : null,
  createdAt: row.createdAt.toISOString(),
  searchableAt: row.searchableAt?.toISOString() ?? null,
})

/** `text` is what was recorded about this very file, such as the type that was found; it comes before the general sentence. */
const failureOf = (recorded: string | null, text: string | null): Version['failure'] => {
  const code = failureCode.catch('crashed').parse(recorded)
  const { message, action, retryable } = FAILURES[code]
  return { code, message: text ?? message, action, retryable }
}

export const toDocumentItem = (row: DocumentRow): DocumentItem => ({
  id: documentId.parse(row.id),
  collectionId: collectionId.parse(row.collectionId),
  path: row.path,
  title: row.title,
  latest: toVersion(row.latest),
  liveVersionId: row.liveVersionId === null ? null : versionId.parse(row.liveVersionId),
  createdAt: row.createdAt.toISOString(),
})
