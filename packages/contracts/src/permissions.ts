import { z } from 'zod'

export const role = z.enum(['owner', 'admin', 'member', 'viewer'])
export type Role = z.infer<typeof role>

/** What each role may do. The one place that says so: `can` is asked by the API, by core and by the browser. */
export const PERMISSIONS = {
  'collections.read': ['owner', 'admin', 'member', 'viewer'],
  'collections.manage': ['owner', 'admin'],
  'documents.read': ['owner', 'admin', 'member', 'viewer'],
  'documents.write': ['owner', 'admin', 'member'],
  'search.use': ['owner', 'admin', 'member', 'viewer'],
  'chat.use': ['owner', 'admin', 'member', 'viewer'],
  'keys.manage': ['owner', 'admin'],
  'members.read': ['owner', 'admin', 'member', 'viewer'],
  'members.manage': ['owner', 'admin'],
  'audit.read': ['owner', 'admin'],
  'jobs.manage': ['owner', 'admin'],
  'usage.read': ['owner', 'admin'],
  'organisation.manage': ['owner'],
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof PERMISSIONS

/** Roles from the one that may most to the one that may least. Nobody gives, changes or takes a role above their own. */
export const RANKED_ROLES = role.options
export const outranks = (one: Role, other: Role): boolean => RANKED_ROLES.indexOf(one) < RANKED_ROLES.indexOf(other)

export const can = (role: Role, permission: Permission): boolean =>
  (PERMISSIONS[permission] as readonly Role[]).includes(role)
