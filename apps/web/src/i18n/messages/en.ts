import { auth } from './en/auth.ts'
import { audit } from './en/audit.ts'
import { chat } from './en/chat.ts'
import { collections } from './en/collections.ts'
import { documents } from './en/documents.ts'
import { jobs } from './en/jobs.ts'
import { keys } from './en/keys.ts'
import { operations } from './en/operations.ts'
import { people } from './en/people.ts'
import { search } from './en/search.ts'
import { shell } from './en/shell.ts'
import { viewer } from './en/viewer.ts'

/** English, and the shape that every other language must have. A message with a count has `one` and `other`. */
export const en = {
  ...shell,
  ...auth,
  ...chat,
  ...documents,
  ...search,
  ...viewer,
  ...keys,
  ...people,
  ...collections,
  ...audit,
  ...jobs,
  ...operations,
} as const
