import { createHash } from 'node:crypto'
import { AppError, userId as userIdSchema, type Actor, type OrgId } from '@quarry/contracts'
import type { Person } from '@quarry/core/web'
import { auth } from './auth-instance.ts'
import { webCore } from './web-core.ts'

/** How long an answer counts. A page makes its calls together; what is revoked is refused a second later at most. */
const FRESH_MS = 1000
/** Callers remembered at most, ~200 bytes each. */
const MOST_CALLERS = 10_000

export interface Caller {
  /** Null for a person who is a member of no organisation (any more). */
  readonly actor: Actor | null
  /** Null for a key. */
  readonly person: Person | null
  /** `Set-Cookie` of a session that the look-up prolonged, once a day; empty otherwise. */
  readonly renewal: readonly string[]
}

interface Known {
  readonly at: number
  readonly caller: Promise<Caller | null>
}

/** An organisation some of whose members are remembered, and the signals that say when one of them is to be forgotten. */
interface Watch {
  /** The keys of remembered callers by the id of the person or API key. */
  readonly remembered: Map<string, Set<string>>
  readonly timer: NodeJS.Timeout
}

declare global {
  var quarryActors: { readonly known: Map<string, Known>; readonly watches: Map<OrgId, Watch> } | undefined
}
const memory = () => (globalThis.quarryActors ??= { known: new Map(), watches: new Map() })

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

/** Whom a caller acts as. Null for nobody. Throws AppError('unauthenticated') for who belongs to no organisation. */
export const actorOf = (caller: Caller | null): Actor | null => {
  if (caller && !caller.actor)
    throw new AppError('unauthenticated', {
      message: 'You do not belong to any workspace now.',
      action: 'Open an invitation, or sign in again to start one of your own.',
    })
  return caller?.actor ?? null
}

/** Who has just signed in or out, or works elsewhere from now on, is looked up again. */
export const forgetActors = (): void => memory().known.clear()

const findKey = async (secret: string): Promise<Caller | null> => {
  const actor = await webCore().findKey(secret)
  return actor && { actor, person: null, renewal: [] }
}

const findPerson = async (cookie: string): Promise<Caller | null> => {
  const found = await auth().api.getSession({ headers: new Headers({ cookie }), returnHeaders: true })
  if (!found.response) return null
  const { id, userId, activeOrganizationId } = found.response.session
  const actor = await webCore().findMember({ userId, activeOrganizationId: activeOrganizationId ?? null })
  return {
    actor,
    person: { userId: userIdSchema.parse(userId), sessionId: id },
    renewal: found.headers.getSetCookie(),
  }
}

const remembered = (credential: string, find: () => Promise<Caller | null>): Promise<Caller | null> => {
  const { known } = memory()
  const key = createHash('sha256').update(credential).digest('base64')
  const now = performance.now()
  const hit = known.get(key)
  if (hit && now - hit.at < FRESH_MS) return hit.caller
  known.delete(key)
  const oldest = known.size >= MOST_CALLERS ? known.keys().next().value : undefined
  if (oldest !== undefined) known.delete(oldest)
  const caller = find()
  known.set(key, { at: now, caller })
  void watchFound(caller, key)
  return caller
}

const watchFound = async (caller: Promise<Caller | null>, key: string): Promise<void> => {
  try {
    const found = await caller
    if (found?.actor) watch(found.actor, key)
  } catch {
    // A failed look-up says nothing about the caller; who asked is told.
    memory().known.delete(key)
  }
}

/** Forgets the caller when what they may do changes, here or in another process, for as long as they are remembered. */
const watch = ({ id, orgId }: Actor, key: string): void => {
  const { known, watches } = memory()
  const watched = watches.get(orgId) ?? startWatch(orgId)
  watched.timer.refresh()
  watches.set(orgId, watched)
  const keys = watched.remembered.get(id ?? '') ?? new Set()
  watched.remembered.set(id ?? '', keys.add(key))
  for (const one of keys) if (!known.has(one)) keys.delete(one)
}

const startWatch = (orgId: OrgId): Watch => {
  const { known, watches } = memory()
  const remembered = new Map<string, Set<string>>()
  const unsubscribe = webCore().deps.signals.subscribe(orgId, ({ topic, subjectId }) => {
    if (topic === 'access') for (const key of remembered.get(subjectId) ?? []) known.delete(key)
  })
  // Refreshed by every look-up: when it fires, nothing that was looked up counts any more.
  const timer = setTimeout(() => {
    unsubscribe()
    watches.delete(orgId)
  }, FRESH_MS).unref()
  return { remembered, timer }
}
