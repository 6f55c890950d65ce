import type { Actor, OrgId } from '@quarry/contracts'

/**
 * Acts for an organisation in what is nobody's own to do: ending another person's answers, taking away grants. Only
 * inside verbs that have authorised their caller; the audit names the caller all the same.
 */
export const systemActor = (orgId: OrgId): Actor => ({ kind: 'system', id: null, orgId, role: 'owner' })
