import type { OrgId, VersionId } from '@quarry/contracts'
import type { BlobKey } from './blob-store.ts'

/** What telling a type by its content needs at most (file-type's own sample size). */
export const HEAD_BYTES = 4_100

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const KEY = /^[0-9a-f-]{36}\/[0-9a-f]{2}\/([0-9a-f]{64})$/

/** The address of content in an organisation. */
export const blobKeyOf = (orgId: string, sha256: string): BlobKey => {
  const key = `${orgId}/${sha256.slice(0, 2)}/${sha256}`
  requireBlobKey(key)
  return key
}

/** The SHA-256 in a key. Throws TypeError when it is none: nothing else may become part of a path. */
export const sha256Of = (key: string): string => {
  const sha256 = KEY.exec(key)?.[1]
  if (sha256 === undefined) throw new TypeError('not a blob key')
  return sha256
}

export const isBlobKey = (key: string): key is BlobKey => KEY.test(key)

export function requireBlobKey(key: string): asserts key is BlobKey {
  sha256Of(key)
}

/** Throws TypeError unless it is an id: nothing else may become part of a path. */
export const folderOfOrganisation = (orgId: OrgId): string => {
  if (!UUID.test(orgId)) throw new TypeError('not an organisation')
  return orgId
}

/** `<org>/<ticket>`. Throws TypeError unless both are ids. */
export const uploadPathOf = (orgId: OrgId, ticket: VersionId): string => {
  if (!UUID.test(orgId) || !UUID.test(ticket)) throw new TypeError('not an upload')
  return `${orgId}/${ticket}`
}
