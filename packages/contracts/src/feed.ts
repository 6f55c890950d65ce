import { z } from 'zod'
import { text } from './text.ts'

/** "This changed, read it again": ids only, so that row-level security decides what the reader gets. */
export const feedEvent = z.object({
  id: z.string(),
  /** `job`: to who may see jobs. */
  topic: z.enum(['document', 'collection', 'conversation', 'member', 'job']),
  subjectId: z.uuid(),
})
export type FeedEvent = z.infer<typeof feedEvent>
export const feedInput = z.strictObject({ lastEventId: text.max(100).nullish() })
