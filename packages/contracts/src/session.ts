import { z } from 'zod'
import { orgId } from './ids.ts'
import { role } from './permissions.ts'

export const me = z.object({
  kind: z.enum(['user', 'api_key']),
  name: z.string(),
  email: z.string().nullable(),
  role,
  organisation: z.object({ id: orgId, name: z.string() }),
  permissions: z.array(z.string()),
  model: z.object({ id: z.string(), builtIn: z.boolean() }),
  limits: z.object({ uploadMaxBytes: z.int() }),
})
export type Me = z.infer<typeof me>
