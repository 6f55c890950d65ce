import { getTableName, is, Table } from 'drizzle-orm'
import * as authSchema from './schema/auth.ts'
import * as schema from './schema/index.ts'

const TABLES: ReadonlySet<string> = new Set(
  [...Object.values(schema), ...Object.values(authSchema)].filter((each) => is(each, Table)).map(getTableName),
)
/** Functions of ours, as migrations define them. */
const FUNCTION = /\b((?:app|enqueue|queue|is)_[a-z_]{1,40})\(/
const TABLE = /\b(?:from|into|update|join)\s+(?:only\s+)?(?:"?[a-z_]+"?\.)?"?([a-z_]+)"?/gi
const VERBS = ['select', 'insert', 'update', 'delete', 'with', 'begin', 'commit', 'rollback'] as const
const ALONE: ReadonlySet<string> = new Set(['begin', 'commit', 'rollback'])

/** Texts whose names are remembered; lists of other lengths are other texts. Beyond that remembering starts anew. */
const MOST_REMEMBERED = 2_000
const remembered = new Map<string, string>()

/**
 * What a statement is called in metrics and traces: its verb and the first table or function of ours in it, such as
 * `select document` or `select app_enter`; `other` where it has none. Nothing of a tenant's is in a text: values travel
 * beside it, and what the name is made of comes from a list.
 */
export const statementName = (text: string): string => {
  const known = remembered.get(text)
  if (known !== undefined) return known
  const name = nameOf(text)
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  remembered.set(text, name)
  return name
}

const nameOf = (text: string): string => {
  const start = text.trimStart().slice(0, 10).toLowerCase()
  const verb = VERBS.find((each) => start.startsWith(each))
  if (verb === undefined) return 'other'
  if (ALONE.has(verb)) return verb
  const called = FUNCTION.exec(text)?.[1]
  // Which rows a statement may see is asked of a function within it; at its beginning the function is what it is about.
  if (verb === 'select' && called !== undefined && text.indexOf(called) < text.search(/\bfrom\b|$/i))
    return `select ${called}`
  for (const [, table = ''] of text.matchAll(TABLE)) if (TABLES.has(table)) return `${verb} ${table}`
  return called === undefined ? `${verb} other` : `${verb} ${called}`
}
