import { z } from 'zod'

/** JSON that the `quarry` command prints on stdout with `--json`. A document is named by its source path. */
export const ingestJson = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      status: z.enum(['searchable', 'unchanged', 'failed', 'refused', 'accepted']),
      reason: z.string().nullable(),
    }),
  ),
})
export const askJson = z.object({
  answer: z.string(),
  abstained: z.boolean(),
  model: z.string(),
  citations: z.array(
    z.object({
      id: z.string(),
      document: z.string(),
      page: z.int().nullable(),
      quote: z.string(),
      verified: z.boolean(),
    }),
  ),
  timings: z.object({ firstTokenMs: z.int().nullable(), totalMs: z.int() }),
})
export const searchJson = z.object({
  hits: z.array(z.object({ document: z.string(), page: z.int().nullable(), score: z.number(), text: z.string() })),
  tookMs: z.number(),
})
export const documentsJson = z.object({
  documents: z.array(
    z.object({
      document: z.string(),
      collection: z.string(),
      state: z.string(),
      progress: z.int(),
      pages: z.int().nullable(),
      reason: z.string().nullable(),
    }),
  ),
})
export const doctorJson = z.object({
  ok: z.boolean(),
  /** `warning`: nothing is wrong yet, and it is worth a look. */
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), warning: z.boolean().optional(), detail: z.string() })),
})
/** How `eval` searches. */
export const evalMode = z.enum(['lexical', 'hybrid'])
export type EvalMode = z.infer<typeof evalMode>
export const evalJson = z.object({
  dataset: z.string(),
  mode: evalMode,
  queries: z.int(),
  documents: z.int(),
  metrics: z.object({ ndcg10: z.number(), recall10: z.number(), recall100: z.number(), mrr10: z.number() }),
  timings: z.object({ ingestMs: z.number(), queryP50Ms: z.number(), queryP95Ms: z.number() }),
})
/** `eval --run`: the ranking of every query, best first, 100 at most. */
export const evalRun = z.record(z.string(), z.array(z.tuple([z.string(), z.number()])))
