import { createHash } from 'node:crypto'
import type { Actor } from '@quarry/contracts'
import { auth } from './auth-instance.ts'
import { webCore } from './web-core.ts'

/** How long an answer counts. A page makes its calls together; what is revoked is refused a second later. */
const FRESH_MS = 1000
/** Callers remembered at most, ~200 bytes each. */
const MOST_CALLERS = 10_000

interface Known {
  readonly at: number
  readonly actor: Promise<Actor | null>
}

declare global {
  var quarryActors: Map<string, Known> | undefined
}
const known = (): Map<string, Known> => (globalThis.quarryActors ??= new Map())

/** Who calls: by `Authorization: Bearer <key>`, else by session cookie. Null when it is nobody. */
export const resolveActor = async (headers: Headers): Promise<Actor | null> => {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const secret = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1]
    return secret === undefined ? null : remembered(`key ${secret}`, () => webCore().findKey(secret))
  }
  const cookie = headers.get('cookie')
  return cookie === null ? null : remembered(`cookie ${cookie}`, () => findPerson(cookie))
}

/** Who has just signed in or out is looked up again. */
export const forgetActors = (): void => known().clear()

const findPerson = async (cookie: string): Promise<Actor | null> => {
  const found = await auth().api.getSession({ headers: new Headers({ cookie }) })
  if (!found) return null
  return webCore().findMember({
    userId: found.session.userId,
    activeOrganizationId: found.session.activeOrganizationId ?? null,
  })
}

const remembered = (credential: string, find: () => Promise<Actor | null>): Promise<Actor | null> => {
  const key = createHash('sha256').update(credential).digest('base64')
  const now = performance.now()
  const hit = known().get(key)
  if (hit && now - hit.at < FRESH_MS) return hit.actor
  known().delete(key)
  const oldest = known().size >= MOST_CALLERS ? known().keys().next().value : undefined
  if (oldest !== undefined) known().delete(oldest)
  const actor = find()
  known().set(key, { at: now, actor })
  // A failed look-up says nothing about the caller.
  actor.catch(() => known().delete(key))
  return actor
}
