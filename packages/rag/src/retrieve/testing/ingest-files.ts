import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import type { CollectionId, DocumentId, MediaType, VersionId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { TenantDb } from '@quarry/db'
import { v7 as uuidv7 } from 'uuid'
import { claimVersion } from '../../ingest/claim.ts'
import { indexFile } from '../../ingest/index-file.ts'
import { publishVersion } from '../../ingest/publish.ts'
import { readPages } from '../../parse/read-file.ts'

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  '.pdf': 'application/pdf',
  '.md': 'text/markdown',
  '.txt': 'text/plain',
}

export interface IngestedFile {
  readonly documentId: DocumentId
  readonly versionId: VersionId
}

/**
 * Makes a file searchable as the worker does (parsed, chunked, analysed, published), but in this process and without a
 * blob store. `tenantDb` is the system actor's.
 */
export async function ingestFile(
  tenantDb: TenantDb,
  collectionId: CollectionId,
  path: string,
  sourcePath: string,
): Promise<IngestedFile> {
  const { orgId } = tenantDb.actor
  const mediaType = MEDIA_TYPES[extname(path)]
  if (!mediaType) throw new TypeError(`No reader for ${path}`)
  const documentId = uuidv7() as DocumentId
  const versionId = uuidv7() as VersionId
  const { size } = await stat(path)
  await tenantDb.tx(async (tx) => {
    await tx.insert(schema.document).values({
      orgId,
      id: documentId,
      collectionId,
      sourcePath,
      title: sourcePath,
      latestVersionId: versionId,
    })
    await tx.insert(schema.documentVersion).values({
      orgId,
      id: versionId,
      documentId,
      collectionId,
      state: 'uploaded',
      sizeBytes: size,
      mediaType,
    })
  })
  const claimed = await claimVersion(tenantDb, versionId)
  if (claimed.outcome !== 'claimed') throw new Error(`${sourcePath} cannot be claimed`)
  const { signal } = new AbortController()
  const summary = await indexFile(tenantDb, claimed.claim, readPages({ path, mediaType }), signal)
  await publishVersion(tenantDb, claimed.claim, summary)
  return { documentId, versionId }
}
