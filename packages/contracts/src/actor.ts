import type { ApiKeyId, OrgId, UserId } from './ids.ts'
import type { Role } from './permissions.ts'

/**
 * Who is calling, in which organisation, with which role. A `system` actor is a job: it acts for one organisation and
 * sees all of its collections; it is never made from a request.
 */
export type Actor =
  | { readonly kind: 'user'; readonly id: UserId; readonly orgId: OrgId; readonly role: Role }
  | { readonly kind: 'api_key'; readonly id: ApiKeyId; readonly orgId: OrgId; readonly role: Role }
  | { readonly kind: 'system'; readonly id: null; readonly orgId: OrgId; readonly role: 'owner' }
