import { z } from 'zod'

/** Text as people and databases have it: no U+0000, which Postgres takes nowhere, and no half of a surrogate pair. */
export const text = z.string().refine((t) => t.isWellFormed() && !t.includes('\u0000'), {
  message: 'has characters that are no text',
})
