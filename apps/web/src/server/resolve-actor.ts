import { createHash } from 'node:crypto'
import type { Actor } from '@quarry/contracts'
import { auth } from './auth-instance.ts'
import { webCore } from './web-core.ts'

/** How long an answer counts. A page makes its calls together; what is revoked is refused a second later. */
const FRESH_MS = 1000
/** Callers remembered at most, ~200 bytes each. */
const MOST_CALLERS = 10_000

export interface Caller {
  readonly actor: Actor
  /** `Set-Cookie` of a session that the look-up prolonged, once a day; empty otherwise. */
  readonly renewal: readonly string[]
}

interface Known {
  readonly at: number
  readonly caller: Promise<Caller | null>
}

declare global {
  var quarryActors: Map<string, Known> | undefined
}
const known = (): Map<string, Known> => (globalThis.quarryActors ??= new Map())

/** Who calls: by `Authorization: Bearer <key>`, else by session cookie. Null when it is nobody. */
export const resolveCaller = async (headers: Headers): Promise<Caller | null> => {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const secret = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1]
    return secret === undefined ? null : remembered(`key ${secret}`, () => findKey(secret))
  }
  const cookie = headers.get('cookie')
  return cookie === null ? null : remembered(`cookie ${cookie}`, () => findPerson(cookie))
}

/** Who has just signed in or out is looked up again. */
export const forgetActors = (): void => known().clear()

const findKey = async (secret: string): Promise<Caller | null> => {
  const actor = await webCore().findKey(secret)
  return actor && { actor, renewal: [] }
}

const findPerson = async (cookie: string): Promise<Caller | null> => {
  const found = await auth().api.getSession({ headers: new Headers({ cookie }), returnHeaders: true })
  if (!found.response) return null
  const { userId, activeOrganizationId } = found.response.session
  const actor = await webCore().findMember({ userId, activeOrganizationId: activeOrganizationId ?? null })
  return actor && { actor, renewal: found.headers.getSetCookie() }
}

const remembered = (credential: string, find: () => Promise<Caller | null>): Promise<Caller | null> => {
  const key = createHash('sha256').update(credential).digest('base64')
  const now = performance.now()
  const hit = known().get(key)
  if (hit && now - hit.at < FRESH_MS) return hit.caller
  known().delete(key)
  const oldest = known().size >= MOST_CALLERS ? known().keys().next().value : undefined
  if (oldest !== undefined) known().delete(oldest)
  const caller = find()
  known().set(key, { at: now, caller })
  // A failed look-up says nothing about the caller.
  caller.catch(() => known().delete(key))
  return caller
}
