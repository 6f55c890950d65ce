import { z } from 'zod'

/** What an operator should know of a part that serves all the same. `error`: to be put right; `warning`: worth a look. */
const healthFinding = z.object({ name: z.string(), level: z.enum(['warning', 'error']), detail: z.string() })
export type HealthFinding = z.infer<typeof healthFinding>

export const health = z.object({
  /** Whether this process takes requests: all parts are there. Findings do not count. */
  ok: z.boolean(),
  parts: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  /** An older server has none. */
  findings: z.array(healthFinding).default([]),
})
export type Health = z.infer<typeof health>
