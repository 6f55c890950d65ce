/**
 * Keys whose values never reach a log: secrets, and the text of tenants' documents, questions and answers.
 * A log goes to other people and other places than the database does.
 */
const SECRET_KEYS =
  /^(authorization|cookie|set-cookie|x-api-key|password|passwd|secret|token|ticket|credential|credentials|api_?key|access_?key|private_?key|.*_(secret|token|password|api_?key)|.*(secret|token|password|apikey))$/i
const CONTENT_KEYS = new Set([
  'text',
  'content',
  'question',
  'answer',
  'quote',
  'prompt',
  'query',
  'messages',
  'passages',
])

/** Objects nested deeper are logged as a mark: no log line of ours needs more, and a cycle must end somewhere. */
const MAX_DEPTH = 6
/** An address of a database or a provider may carry a password: `postgres://user:password@host`. */
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi
/** Quarry's API keys are recognisable by their prefix, and a bearer token by its scheme, wherever they stand in a message. */
const BARE_SECRETS = /\b(qk_|sk-)[A-Za-z0-9_-]{8,}|\b(Bearer )[A-Za-z0-9._~+/=-]{8,}/g

/** Removes secrets that stand inside a sentence, such as an error message that quotes an address. */
export const redactText = (value: string): string =>
  value
    .replace(URL_PASSWORD, '$1:[secret]@')
    .replace(BARE_SECRETS, (_, key?: string, scheme?: string) => `${key ?? scheme ?? ''}[secret]`)

const redactError = (error: Error, depth: number): Record<string, unknown> => ({
  name: error.name,
  message: redactText(error.message),
  ...('code' in error ? { code: error.code } : {}),
  ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
  ...(error.cause === undefined ? {} : { cause: redactValue(error.cause, depth + 1) }),
})

const redactValue = (value: unknown, depth: number): unknown => {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? value.toString() : value
  if (depth >= MAX_DEPTH) return '[deep]'
  if (value instanceof Error) return redactError(value, depth)
  if (value instanceof Date) return value.toISOString()
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactEntry(key, item, depth)]))
}

const redactEntry = (key: string, item: unknown, depth: number): unknown => {
  // A count or a flag under such a name (`token: 12`) says nothing secret.
  if (typeof item === 'number' || typeof item === 'boolean' || item === null || item === undefined) return item
  if (SECRET_KEYS.test(key)) return '[secret]'
  if (CONTENT_KEYS.has(key)) return typeof item === 'string' ? `[text of ${item.length}]` : '[text]'
  return redactValue(item, depth + 1)
}

/** A copy of a log record without secrets and without tenants' texts. Errors become plain objects, cycles end. */
export const redact = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, item]) => [key, redactEntry(key, item, 0)]))
