import { z } from 'zod'

export const health = z.object({
  ok: z.boolean(),
  parts: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
})
export type Health = z.infer<typeof health>
