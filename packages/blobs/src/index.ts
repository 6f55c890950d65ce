export type * from './blob-store.ts'
export { blobKeyOf, requireBlobKey, sha256Of } from './blob-key.ts'
export { openFileBlobStore } from './file-blob-store.ts'
export { openBlobStore } from './open-blob-store.ts'
