import { createHash } from 'node:crypto'
import { AppError, userId as userIdSchema, type Actor } from '@quarry/contracts'
import { credentialRead, type Asker, type KnownCaller, type Person } from '@quarry/core/web'
import { noteActor } from '@quarry/observability'
import { auth } from './auth-instance.ts'
import { DAY_SECONDS, MONTH_SECONDS } from './session-times.ts'
import { readSessionCookies, type SessionCookies } from './session-cookies.ts'
import { webCore } from './web-core.ts'

/** How long nobody's credential counts as nobody's. A page makes its calls together, also one that was signed out. */
const NOBODY_MS = 1000
/** Credentials of nobody remembered at most, ~200 bytes each. */
const MOST_NOBODIES = 10_000

export interface Caller {
  /** Null for a person who is a member of no organisation (any more). */
  readonly actor: Actor | null
  /** There would be one, but that the organisation is closed. */
  readonly isClosedOut: boolean
  /** Null for a key. */
  readonly person: Person | null
  /** `Set-Cookie` of a session that the look-up prolonged, once a day; empty otherwise. */
  readonly renewal: readonly string[]
}

declare global {
  /** Hashes of credentials of nobody, with when that was found. */
  var quarryNobodies: Map<string, number> | undefined
}
const nobodies = () => (globalThis.quarryNobodies ??= new Map())

type Credential =
  | { readonly kind: 'key'; readonly secret: string }
  | { readonly kind: 'session'; readonly secret: string; readonly cookies: SessionCookies }

/** What a request shows of whom it is: `Authorization: Bearer <key>`, else a session cookie. */
const credentialIn = async (headers: Pick<Headers, 'get'>): Promise<Credential | null> => {
  const authorization = headers.get('authorization')
  if (authorization !== null) {
    const secret = /^Bearer (\S{1,200})$/i.exec(authorization)?.[1]
    return secret === undefined ? null : { kind: 'key', secret }
  }
  const cookies = await readSessionCookies(headers.get('cookie') ?? '')
  return cookies && { kind: 'session', secret: cookies.token, cookies }
}

/** Who calls: by a key, else by session cookie. Null when it is nobody. */
export const resolveCaller = async (headers: Pick<Headers, 'get'>): Promise<Caller | null> => {
  const credential = await credentialIn(headers)
  if (credential === null) return null
  const find = () => (credential.kind === 'key' ? findKey(credential.secret) : findPerson(credential.cookies))
  return unlessNobody(`${credential.kind} ${credential.secret}`, find)
}

/** A member or a key that is known without looking anything up. */
export interface PeekedCaller {
  readonly actor: Asker
  /** The name of the read that knew it. */
  readonly read: string
}

/**
 * Who calls, where `resolveCaller` would say so by what is kept, and would set no cookie; else null: for what has to be
 * looked up or prolonged, and for nobody.
 */
export const peekCaller = async (headers: Pick<Headers, 'get'>): Promise<PeekedCaller | null> => {
  const credential = await credentialIn(headers)
  if (credential === null) return null
  const known = await webCore().credentials.peek(credential.kind, credential.secret)
  if (!known?.actor || (credential.kind === 'session' && isDue(known))) return null
  return { actor: known.actor, read: credentialRead(credential.kind) }
}

/**
 * Whom a caller acts as. Null for nobody. Throws AppError('unauthenticated') for who belongs to no organisation, ('closed')
 * for who is in one that is to be deleted.
 */
export const actorOf = (caller: Caller | null): Actor | null => {
  if (caller?.isClosedOut) throw new AppError('closed')
  if (caller && !caller.actor)
    throw new AppError('unauthenticated', {
      message: 'You do not belong to any workspace now.',
      action: 'Open an invitation, or sign in again to start one of your own.',
    })
  if (caller?.actor) noteActor(caller.actor)
  return caller?.actor ?? null
}

/** Who has just signed in is looked up again. */
export const forgetActors = (): void => nobodies().clear()

const findKey = async (secret: string): Promise<Caller | null> => {
  const known = await webCore().credentials.key(secret)
  return known && callerOf(known, [])
}

const findPerson = async (cookies: SessionCookies): Promise<Caller | null> => {
  const known = await webCore().credentials.session(cookies.token, async () => (await lookUp(cookies, false)).known)
  if (known === null) return null
  // better-auth prolongs a session once a day: not by way of what is kept, whose cookies would reach nobody or many.
  if (!isDue(known)) return callerOf(known, [])
  const { known: prolonged, renewal } = await lookUp(cookies, true)
  if (known.person) await webCore().deps.wrote([known.person.userId])
  return prolonged && callerOf(prolonged, renewal)
}

const isDue = ({ expiresAt }: KnownCaller): boolean =>
  expiresAt !== null && expiresAt - (MONTH_SECONDS - DAY_SECONDS) * 1000 <= Date.now()

const callerOf = ({ actor, isClosedOut = false, person }: KnownCaller, renewal: readonly string[]): Caller => ({
  actor,
  isClosedOut,
  person: person && { userId: userIdSchema.parse(person.userId), sessionId: person.sessionId },
  renewal,
})

/** Asks better-auth, which ends a session that is over, and prolongs one where it may. */
const lookUp = async (
  { header }: SessionCookies,
  mayProlong: boolean,
): Promise<{ known: KnownCaller | null; renewal: readonly string[] }> => {
  const found = await auth().api.getSession({
    headers: new Headers({ cookie: header }),
    returnHeaders: true,
    query: { disableRefresh: !mayProlong },
  })
  const renewal = found.headers.getSetCookie()
  if (!found.response) return { known: null, renewal }
  const { id, userId, activeOrganizationId, expiresAt } = found.response.session
  const member = await webCore().findMember({ userId, activeOrganizationId: activeOrganizationId ?? null })
  return { known: { ...member, person: { userId, sessionId: id }, expiresAt: expiresAt.getTime() }, renewal }
}

/** What is nobody's is not asked about again for a moment; what is somebody's the cache of credentials remembers. */
const unlessNobody = async (secret: string, find: () => Promise<Caller | null>): Promise<Caller | null> => {
  const known = nobodies()
  const credential = createHash('sha256').update(secret).digest('base64')
  const now = performance.now()
  const at = known.get(credential)
  if (at !== undefined && now - at < NOBODY_MS) return null
  const caller = await find()
  known.delete(credential)
  if (caller === null) {
    const oldest = known.size >= MOST_NOBODIES ? known.keys().next().value : undefined
    if (oldest !== undefined) known.delete(oldest)
    known.set(credential, now)
  }
  return caller
}
