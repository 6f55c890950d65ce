import type { PostgresType } from 'postgres'

/**
 * How values travel. Drizzle's columns convert by themselves, so moments and JSON pass through as text in both
 * directions; raw SQL gets text for them too. Arrays of the types that we use are known from the start (object ids of
 * pg_type.dat never change), which saves postgres.js a query on every new connection.
 */
const asIs = (...ids: number[]): PostgresType<unknown>[] =>
  ids.map((id) => ({ to: id, from: [id], serialize: (value: unknown) => value, parse: (text: unknown) => text }))

/** A one-dimensional array in PostgreSQL's text form, e.g. `{"a","b \"c\"",NULL}` (manual, "Array Input and Output"). */
const arrayOf = (id: number, element: (text: string) => unknown): PostgresType<unknown> => ({
  to: id,
  from: [id],
  serialize: (value: unknown) => (Array.isArray(value) ? arrayText(value) : value),
  parse: (text: unknown) => parseArray(String(text), element),
})

const arrayText = (values: readonly (string | number | null)[]): string =>
  `{${values
    .map((value) => (value === null ? 'NULL' : `"${String(value).replace(/["\\]/g, String.raw`\$&`)}"`))
    .join(',')}}`

const parseArray = (text: string, element: (text: string) => unknown): unknown[] =>
  [...text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/gs)].map(([, quoted, bare]) => {
    if (quoted !== undefined) return element(quoted.replace(/\\(.)/gs, '$1'))
    return bare === undefined || bare === 'NULL' ? null : element(bare)
  })

const [TIMESTAMPTZ, TIMESTAMP, DATE, TIME] = [1184, 1114, 1082, 1083] as const
const [JSON_TEXT, JSONB] = [114, 3802] as const

const passedThrough = asIs(TIMESTAMPTZ, TIMESTAMP, DATE, TIME)
const json = [JSON_TEXT, JSONB].map((id): PostgresType<unknown> => ({
  to: id,
  from: [id],
  serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  parse: (text: unknown): unknown => JSON.parse(String(text)),
}))
const arrays = [
  arrayOf(1009, String), // text[]
  arrayOf(2951, String), // uuid[]
  arrayOf(1007, Number), // int4[]
  arrayOf(1016, Number), // int8[]
  arrayOf(1022, Number), // float8[]
]

export const wireTypes: Record<string, PostgresType<unknown>> = Object.fromEntries(
  [...passedThrough, ...json, ...arrays].map((type) => [`t${type.to}`, type]),
)
