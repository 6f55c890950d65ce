import { z } from 'zod'
import { httpUrl, share } from './schemas.ts'
import { variable } from './variable.ts'

/** Where answers and meanings come from. */
export const MODEL_VARIABLES = {
  LLM_BASE_URL: variable({
    group: 'Model',
    schema: httpUrl,
    default: null,
    reason:
      'An OpenAI-compatible endpoint, with its version path. Set all three LLM_ variables or none: without them the built-in answerer quotes the documents.',
  }),
  LLM_API_KEY: variable({ group: 'Model', schema: z.string(), default: null, reason: 'Key of that endpoint.' }),
  LLM_MODEL: variable({ group: 'Model', schema: z.string(), default: null, reason: 'Model name at that endpoint.' }),
  EMBEDDING_BASE_URL: variable({
    group: 'Model',
    schema: httpUrl,
    default: null,
    reason:
      'An OpenAI-compatible endpoint for embeddings, with its version path. Set all three or none: without them the built-in English model serves, which needs no network.',
  }),
  EMBEDDING_API_KEY: variable({ group: 'Model', schema: z.string(), default: null, reason: 'Key of that endpoint.' }),
  EMBEDDING_MODEL: variable({
    group: 'Model',
    schema: z.string().max(200, { error: 'must have at most 200 characters' }),
    default: null,
    reason:
      'Model name at that endpoint; `off`, alone, switches semantic search off. After a change every document is embedded again, in the background; until then search is by words.',
  }),
  EMBEDDING_WEIGHT: variable({
    group: 'Model',
    schema: share,
    default: null,
    reason:
      'Share of the embedding model in the ranking, 0 to 1; the words have the rest. Default: 0.15 for the built-in model, which is weak, and 0.5 for an endpoint.',
  }),
} as const
