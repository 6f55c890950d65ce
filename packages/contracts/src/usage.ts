import { z } from 'zod'

/** What a workspace spent, by day (UTC) and model; newest day first, today until now. */
export const usageList = z.object({
  days: z.array(
    z.object({
      day: z.iso.date(),
      model: z.string(),
      answers: z.int(),
      inputTokens: z.int(),
      outputTokens: z.int(),
    }),
  ),
})
export type UsageList = z.infer<typeof usageList>
