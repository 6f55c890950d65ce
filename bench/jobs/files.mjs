import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { openBlobStore, blobKeyOf } from '../../packages/blobs/src/index.ts'
import { newId, schema } from '../../packages/db/src/index.ts'
import { documentProcess, enqueue } from '../../packages/jobs/src/index.ts'

/** As the product decides it where an upload ends. */
const QUICK_BYTES = 4 * 1024 * 1024

/**
 * Files as an upload leaves them: bytes in the store, a version that waits, and its job.
 *
 * @param {{ dataFolder: string, tenant: import('../../packages/db/src/testing/index.ts').TestTenant, collectionId: string }} where
 */
export const createUploader = ({ dataFolder, tenant, collectionId }) => {
  const blobs = openBlobStore({ kind: 'file', root: `${dataFolder}/blobs` })
  const { orgId } = tenant
  return async ({ path, bytes, mediaType }) => {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const blobKey = blobKeyOf(orgId, sha256)
    await blobs.put(blobKey, Readable.from([Buffer.from(bytes)]))
    const [id, versionId] = [newId(), newId()]
    await tenant.as(tenant.member).tx(async (tx) => {
      const row = { orgId, collectionId }
      await tx.insert(schema.document).values({ ...row, id, sourcePath: path, title: path, latestVersionId: versionId })
      await tx.insert(schema.documentVersion).values({
        ...{ ...row, id: versionId, documentId: id, state: 'uploaded', stage: 'waiting', contentHash: sha256 },
        ...{ blobKey, sizeBytes: bytes.length, mediaType },
      })
      await enqueue(tx, documentProcess, { versionId }, { bulk: bytes.length > QUICK_BYTES })
    })
    return versionId
  }
}
