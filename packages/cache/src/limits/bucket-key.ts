import type { OrgId } from '@quarry/contracts'

/** Whose buckets there are, and the key of each. A tenant's begin with its id, as all keys of a tenant do. */
export const bucketKey = {
  /** Of a person or an API key, in one organisation. */
  actor: (orgId: OrgId, actorId: string): string => `o:${orgId}:limit:user:${actorId}`,
  organisation: (orgId: OrgId): string => `o:${orgId}:limit:organisation`,
  /** Of a person where no organisation is meant: who opens an invitation may be a member of none. */
  person: (userId: string): string => `limit:person:${userId}`,
  /** `network` as `clientNetwork` gives it: an IPv4 address or an IPv6 /64. */
  address: (network: string): string => `limit:address:${network}`,
} as const
