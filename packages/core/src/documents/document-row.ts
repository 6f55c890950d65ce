import { and, eq } from 'drizzle-orm'
import {
  FAILURES,
  failureCode,
  mediaType,
  WARNINGS,
  type CollectionId,
  type DocumentId,
  type DocumentItem,
  type Version,
  type VersionId,
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

/** Documents without their versions: to choose some of them before `selectDocuments` looks at the versions. */
export const chooseDocuments = (tx: TenantTx) => tx.select().from(document).$dynamic()

/** A document with its newest version, in one query: the shape that every read of documents starts from. */
export const selectDocuments = (tx: TenantTx, chosen = chooseDocuments(tx)) =>
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
    .from(chosen.as('document'))
    .innerJoin(
      documentVersion,
      and(
        eq(documentVersion.orgId, document.orgId),
        eq(documentVersion.id, document.latestVersionId),
        // Follows from the line above; lets a plan begin with the few versions of a state or a type.
        eq(documentVersion.documentId, document.id),
      ),
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

/** A type that this version of the product does not know (any more) is none. */
const knownMediaType = mediaType.nullable().catch(null)

/** Ids come from columns of the type uuid: to parse them again would be most of the work of a list. */
export const toVersion = (row: VersionRow): Version => ({
  id: row.id as VersionId,
  state: row.state,
  stage: row.stage,
  progress: row.progress,
  mediaType: knownMediaType.parse(row.mediaType),
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

const knownFailure = failureCode.catch('crashed')

/** `text` is what was recorded about this very file, such as the type that was found; it comes before the general sentence. */
const failureOf = (recorded: string | null, text: string | null): Version['failure'] => {
  const code = knownFailure.parse(recorded)
  const { message, action, retryable } = FAILURES[code]
  return { code, message: text ?? message, action, retryable }
}

export const toDocumentItem = (row: DocumentRow): DocumentItem => ({
  id: row.id as DocumentId,
  collectionId: row.collectionId as CollectionId,
  path: row.path,
  title: row.title,
  latest: toVersion(row.latest),
  liveVersionId: row.liveVersionId as VersionId | null,
  createdAt: row.createdAt.toISOString(),
})
