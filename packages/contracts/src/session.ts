import { z } from 'zod'
import { orgId } from './ids.ts'
import { role } from './permissions.ts'
import { text } from './text.ts'

export const me = z.object({
  kind: z.enum(['user', 'api_key']),
  name: z.string(),
  id: z.uuid(),
  email: z.string().nullable(),
  role,
  organisation: z.object({ id: orgId, name: z.string() }),
  /** Every organisation that this person is a member of; for a key, its own. */
  organisations: z.array(z.object({ id: orgId, name: z.string(), role })),
  permissions: z.array(z.string()),
  /** Sees to the whole installation: all jobs, workers, what the clock does. Never a key. */
  operator: z.boolean(),
  model: z.object({ id: z.string(), builtIn: z.boolean() }),
  limits: z.object({ uploadMaxBytes: z.int() }),
})
export type Me = z.infer<typeof me>

/** The organisation that this session works in from now on; the person must be a member of it. */
export const switchOrganisationInput = z.strictObject({ id: orgId })
/** Its name as it stands, so that nobody deletes another one than they mean. */
export const deleteOrganisationInput = z.strictObject({ name: text.trim().max(120) })
export const deleteOrganisationOutput = z.object({ id: orgId, deleteAt: z.iso.datetime() })
export const restoreOrganisationInput = z.strictObject({ id: orgId })

/** The workspaces of a person of which some are closed: what they see in place of one. */
export const closedWorkspaces = z.object({
  closed: z.array(
    z.object({
      id: orgId,
      name: z.string(),
      role,
      deleteAt: z.iso.datetime(),
      /** An owner, and in time. */
      mayRestore: z.boolean(),
      /** The one that this session is in. */
      current: z.boolean(),
    }),
  ),
  /** Where they can go on. */
  open: z.array(z.object({ id: orgId, name: z.string() })),
})
export type ClosedWorkspaces = z.infer<typeof closedWorkspaces>
export const renameOrganisationInput = z.strictObject({ name: text.trim().min(1).max(120) })
