import type { BlobAdapter } from '@quarry/config'
import type { BlobStore } from './blob-store.ts'
import { openFileBlobStore } from './file-blob-store.ts'
import { openS3BlobStore } from './s3/s3-blob-store.ts'

/** The store that the environment names. Opens nothing yet. */
export const openBlobStore = (adapter: BlobAdapter): BlobStore =>
  adapter.kind === 'file' ? openFileBlobStore(adapter.root) : openS3BlobStore(adapter)
