import { z } from 'zod'
import { pageInput } from './pagination.ts'
import { text } from './text.ts'

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
