import { createHash } from 'node:crypto'
import type { CachedRead, CredentialQuestion } from '../cached-reads.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const NAME = /^[\w.]{1,80}$/
/** A caller's id, a digest, or everybody. */
const SHARED_BY = /^(\*|[\w-]{1,64})$/
const SHA256 = /^[0-9a-f]{64}$/

/** Of an answer, and of the lock that is held while it is computed. */
export interface ReadKeys {
  readonly value: string
  readonly lock: string
}

/**
 * The only place that makes keys of cached reads. Throws TypeError where the organisation is missing or a part is not
 * what it should be: a key that two organisations could share must not come into being.
 */
export const readKeys = (question: CachedRead, versions: readonly number[]): ReadKeys => {
  const { orgId, name, sharedBy, input } = question
  check('organisation', orgId, UUID)
  check('name', name, NAME)
  check('sharedBy', sharedBy, SHARED_BY)
  const refs = question.versions.map(({ subjectId, tag }) => [subjectId, tag])
  const rest = `${name}:${versions.join('-')}:${sharedBy}:${sha256(canonicalJson([input, refs]))}`
  return { value: `o:${orgId}:cache:${rest}`, lock: `o:${orgId}:lock:${rest}` }
}

/** Of what is found by a secret. The same secret asked about otherwise is another question. */
export const credentialKey = ({ name, secretHash }: CredentialQuestion): string => {
  check('name', name, NAME)
  check('secretHash', secretHash, SHA256)
  return `who:${sha256(`${name}:${secretHash}`)}`
}

/** JSON with the keys of every object in order, so that equal questions look alike. What is undefined is not there. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) =>
    isPlainObject(one) ? Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1))) : one,
  ) ?? 'null'

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const check = (part: string, value: unknown, pattern: RegExp): void => {
  if (typeof value !== 'string' || !pattern.test(value)) throw new TypeError(`A cached read needs a proper ${part}`)
}
