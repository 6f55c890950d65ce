import { randomUUID } from 'node:crypto'
import type { Actor } from '@quarry/contracts'
import type { Person, WebCore } from '@quarry/core/web'
import { appRouter, createCaller, errorShape, toAppError, type ApiContext, type ApiMeta } from '../index.ts'
import type { CallLimits } from '../limits/call-limits.ts'
import { chargesOf, type Charges } from '../limits/costs.ts'
import { unlimited } from './unlimited.ts'

export interface Procedure {
  readonly path: string
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly can: string | undefined
  readonly takesInput: boolean
  /** How many it says that it sends at most; undefined where it says nothing. */
  readonly statements: number | undefined
  /** Whether its answers are. */
  readonly isKept: boolean
  /** What a call is charged, and when. */
  readonly charges: Charges
}

/* oxlint-disable no-underscore-dangle -- `_def` is where tRPC keeps what a router is made of */
/** Every procedure that the router has, whatever anybody wrote down about it. */
export const procedures = (): Procedure[] =>
  // At run time a flat record by path, whatever the types say.
  Object.entries<unknown>(appRouter._def.procedures).map(([path, procedure]) => {
    if (!isProcedure(procedure)) throw new TypeError(`${path} is no procedure`)
    const { type, meta, inputs } = procedure._def
    return {
      path,
      type,
      can: meta?.can,
      takesInput: inputs.length > 0,
      statements: meta?.statements,
      isKept: meta?.cache !== undefined,
      charges: chargesOf(type, meta),
    }
  })

interface Definition {
  readonly _def: {
    readonly type: Procedure['type']
    readonly meta?: Partial<ApiMeta>
    readonly inputs: readonly unknown[]
  }
}
const isProcedure = (value: unknown): value is Definition =>
  typeof value === 'function' && '_def' in value && Array.isArray(Reflect.get(Object(value._def), 'inputs'))

/* oxlint-enable no-underscore-dangle */

export type Outcome =
  | { readonly ok: true; readonly output: unknown }
  /** What the caller sees, without the request's id, which is different each time. */
  | { readonly ok: false; readonly status: number; readonly body: object }

/**
 * Calls a procedure as `actor`, without HTTP. Of a subscription the events until its end are the output; `meanwhile`
 * runs when it is open, and a pause after the first event then ends one that has no end of its own. `onEvent` is called for each.
 */
export const call = async (
  core: WebCore,
  actor: Actor | null,
  path: string,
  input: unknown,
  meanwhile?: () => Promise<unknown>,
  onEvent?: () => void,
  limits: CallLimits = unlimited,
): Promise<Outcome> => {
  const controller = new AbortController()
  try {
    const caller = createCaller(contextOf(core, actor, limits), { signal: controller.signal })
    const procedure = path.split('.').reduce<unknown>((at, name) => Reflect.get(Object(at), name), caller)
    if (typeof procedure !== 'function') throw new TypeError(`${path} is no procedure`)
    const result: unknown = await Reflect.apply(procedure, undefined, [input])
    if (!isStream(result)) return { ok: true, output: result }
    return { ok: true, output: await readStream(result, meanwhile, onEvent) }
  } catch (error) {
    const appError = toAppError(error)
    const { requestId: _, ...body } = errorShape(appError, '')
    return { ok: false, status: appError.http, body }
  } finally {
    controller.abort()
  }
}

/** What whoever mounts the router makes of a request. */
export const contextOf = (core: WebCore, actor: Actor | null, limits: CallLimits = unlimited): ApiContext => ({
  deps: core.deps,
  requestId: randomUUID(),
  resolveActor: () => Promise.resolve(actor),
  resolvePerson: () => sessionOf(core, actor),
  actorChanged: () => undefined,
  limitGuesses: (attempt) => attempt(),
  admitStream: () => undefined,
  limits,
})

/** The session in which `actor` calls, made when it is first asked for. Keys have none. */
const sessionOf = async (core: WebCore, actor: Actor | null): Promise<Person | null> => {
  if (actor?.kind !== 'user') return null
  const { database, schema } = core.auth
  const [session] = await database
    .insert(schema.session)
    .values({
      userId: actor.id,
      token: `${actor.orgId} ${actor.id}`,
      activeOrganizationId: actor.orgId,
      expiresAt: new Date(Date.now() + 3_600_000),
    })
    .onConflictDoUpdate({ target: schema.session.token, set: { activeOrganizationId: actor.orgId } })
    .returning({ id: schema.session.id })
  if (!session) throw new Error('the session was not stored')
  return { userId: actor.id, sessionId: session.id }
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

const readStream = async (
  stream: AsyncIterable<unknown>,
  meanwhile?: () => Promise<unknown>,
  onEvent?: () => void,
): Promise<unknown[]> => {
  const iterator = stream[Symbol.asyncIterator]()
  const first = iterator.next()
  if (meanwhile) {
    await Promise.all([meanwhile(), first])
    return untilQuiet(iterator, [(await first).value])
  }
  const events: unknown[] = []
  for (let next = await first; !next.done; next = await iterator.next()) {
    events.push(next.value)
    onEvent?.()
  }
  return events
}

/** Signals are looked for each quarter of a second: what was to come has come, also behind what happened before. */
const QUIET_MS = 700

const untilQuiet = async (iterator: AsyncIterator<unknown>, events: unknown[]): Promise<unknown[]> => {
  let timer: NodeJS.Timeout | undefined
  for (;;) {
    const quiet = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), QUIET_MS)))
    const next = await Promise.race([iterator.next(), quiet])
    clearTimeout(timer)
    if (next === null || next.done) return events
    events.push(next.value)
  }
}
