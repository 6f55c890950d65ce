import { z } from 'zod'
import { pageInput } from './pagination.ts'
import { text } from './text.ts'

/** All that is written down, by what it happens to: the filter of the log, and the names that its writers may use. */
export const AUDIT_ACTIONS = {
  organisation: ['create', 'rename', 'switch', 'delete', 'restore'],
  member: ['role', 'remove', 'leave'],
  invitation: ['create', 'accept', 'revoke'],
  session: ['create', 'delete'],
  key: ['create', 'revoke'],
  collection: ['create', 'update', 'grant', 'revoke', 'delete'],
  document: ['upload', 'retry', 'delete'],
  conversation: ['rename', 'delete', 'restore'],
  job: ['retry', 'cancel', 'prioritise'],
} as const
type AuditActions = typeof AUDIT_ACTIONS
export type AuditEntity = keyof AuditActions
export type AuditAction = { [E in AuditEntity]: `${E}.${AuditActions[E][number]}` }[AuditEntity]

/** `collection` → `collection.create`, `collection.update` …; of an unknown entity, none. */
export const auditActionsOf = (entity: string): string[] =>
  Object.entries(AUDIT_ACTIONS).flatMap(([of, verbs]) => (of === entity ? verbs.map((verb) => `${of}.${verb}`) : []))

export const auditEvent = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  actor: z.object({
    kind: z.enum(['user', 'api_key', 'system']),
    id: z.uuid().nullable(),
    /** Their name now; null when they are gone. */
    name: z.string().nullable(),
    email: z.string().nullable(),
  }),
  /** `<entity>.<verb>`, e.g. `collection.grant`. */
  action: z.string(),
  subject: z.object({ kind: z.string(), id: z.string(), name: z.string().nullable() }),
  details: z.record(z.string(), z.unknown()),
  requestId: z.string().nullable(),
})
export type AuditEvent = z.infer<typeof auditEvent>

/** Newest first. */
export const listAuditInput = pageInput.extend({
  /** Whole actions, or entities: `collection` is all that happened to collections. */
  action: text.max(60).nullish(),
  actorId: z.uuid().nullish(),
  from: z.iso.datetime().nullish(),
  before: z.iso.datetime().nullish(),
})
