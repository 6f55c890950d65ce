import { AppError, can, type Actor, type AppErrorShape, type Permission } from '@quarry/contracts'
import type { CoreDeps, OpenContext, OperatorContext, Person, PersonContext, VerbContext } from '@quarry/core'
import { initTRPC } from '@trpc/server'
// What a result of a middleware is marked with: there is no other way to answer without the procedure.
import { middlewareMarker } from '@trpc/server/unstable-core-do-not-import'
import type { CachePolicy } from './cache-policy.ts'
import { answerOf } from './cached.ts'
import type { ApiContext } from './context.ts'
import { errorShape, toAppError, toTrpcError } from './errors.ts'
import { chargesOf, type ProcedureKind } from './limits/costs.ts'
import { STREAM_TIMES } from './stream-times.ts'

/** Whoever calls: nobody is asked who they are. */
export const PUBLIC = 'public'
/** A person with a session, also one who is a member of nothing. No key. */
export const PERSON = 'person'
/** A person who sees to the whole installation (`quarry operators`), whatever they are a member of. No key. */
export const OPERATOR = 'operator'
/** A member or a key of an organisation, whatever their role. */
export const SIGNED_IN = 'signedIn'

/** What is said of a procedure beside its input and output. */
export interface ApiMeta {
  /** What it needs. `procedure` says it, for every one. */
  readonly can?: Permission | typeof SIGNED_IN | typeof PERSON | typeof OPERATOR | typeof PUBLIC
  /**
   * Statements that one call sends to the database at most, however much it returns; each transaction counts one more,
   * for entering it. What goes on after the reply is not counted. A test fails on a procedure that says nothing.
   */
  readonly statements?: number
  /** What a call takes out of the buckets of the caller and of the organisation; left out: what its kind costs. */
  readonly cost?: { readonly caller: number; readonly organisation: number }
  /** How its answers are kept; left out: not at all. */
  readonly cache?: CachePolicy
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ApiMeta>()
  .create({
    isDev: false,
    sse: {
      ping: { enabled: true, intervalMs: STREAM_TIMES.pingMs },
      maxDurationMs: STREAM_TIMES.maxDurationMs,
      client: STREAM_TIMES.client,
    },
    errorFormatter: ({ shape, error, ctx }) => {
      const { stack: _, ...data } = shape.data
      const app: AppErrorShape = errorShape(toAppError(error), ctx?.requestId ?? '')
      return { ...shape, message: app.message, data: { ...data, app } }
    },
  })

/** Turns what a procedure threw into the error that the caller sees; a stream of events does so itself. */
const mapErrors = t.middleware(async ({ ctx, path, next }) => {
  const result = await next()
  if (result.ok) return result
  throw toTrpcError(result.error, { logger: ctx.deps.logger, path, requestId: ctx.requestId })
})

/** Asks who is calling. Nobody, and who cannot be told, pays by address. */
const identified = async <T>(
  ctx: ApiContext,
  kind: ProcedureKind,
  meta: ApiMeta | undefined,
  ask: () => Promise<T>,
) => {
  ctx.limits.requireAddress()
  let found: T | null = null
  try {
    found = await ask()
  } finally {
    if (found === null) await ctx.limits.charge(null, chargesOf(kind, meta).before)
  }
  return found
}

/** Whether the role of a member or a key has what a procedure for members declares. Throws for one that is not for them. */
export const mayCall = (meta: ApiMeta | undefined, { role }: Pick<Actor, 'role'>): boolean => {
  if (!meta?.can || meta.can === PUBLIC || meta.can === PERSON || meta.can === OPERATOR)
    throw new Error('the procedure does not declare what it needs')
  return meta.can === SIGNED_IN || can(role, meta.can)
}

/** The one place that lets members and keys through: their role has what the procedure declares. */
const authorise = t.middleware(async ({ ctx, meta, type, next }) => {
  const { deps, requestId } = ctx
  const actor = await identified(ctx, type, meta, ctx.resolveActor)
  if (!actor) throw new AppError('unauthenticated')
  const allowed = mayCall(meta, actor)
  const { before } = chargesOf(type, meta)
  // The organisation does not pay for what its members are refused.
  await ctx.limits.charge(actor, allowed ? before : { ...before, organisation: 0 })
  if (!allowed) throw new AppError('forbidden')
  if (type === 'subscription') ctx.admitStream(actor)
  const verb: VerbContext = { deps, actor, requestId }
  return next({ ctx: { verb } })
})

/** After a change, failed or not, nobody reads what was there before. */
const told = async <R>(deps: CoreDeps, kind: ProcedureKind, subjectIds: readonly string[], result: R): Promise<R> => {
  if (kind === 'mutation') await deps.wrote(subjectIds)
  return result
}

/** Answers from what is kept, and has what is written counted. Those who get here may make the call. */
const allowed = authorise.unstable_pipe(async ({ ctx, path, type, meta, getRawInput, next }) => {
  const { actor, deps } = ctx.verb
  if (type !== 'query') return told(deps, type, [actor.orgId, ...(actor.id ? [actor.id] : [])], await next())
  const compute = async (verb: VerbContext) => {
    const result = await next({ ctx: { verb } })
    if (!result.ok) throw result.error
    return result.data
  }
  const found = await answerOf({ ctx, path, meta, getRawInput }, compute)
  return found ? { ok: true, data: found.answer, marker: middlewareMarker } : next()
})

/** Whose session it is, who then pays. Throws AppError('forbidden') for a key. */
const personOf = async (ctx: ApiContext, kind: ProcedureKind, meta: ApiMeta | undefined): Promise<Person> => {
  const person = await identified(ctx, kind, meta, ctx.resolvePerson)
  if (!person) {
    const actor = await ctx.resolveActor()
    if (actor) throw new AppError('forbidden', { message: 'This is for people: sign in without an API key.' })
    throw new AppError('unauthenticated')
  }
  await ctx.limits.charge(person, chargesOf(kind, meta).before)
  return person
}

/** The same for people, whatever they are members of. */
const identify = t.middleware(async ({ ctx, meta, type, next }) => {
  const { deps, requestId } = ctx
  const person = await personOf(ctx, type, meta)
  const verb: PersonContext = { deps, person, requestId }
  return told(deps, type, [person.userId], await next({ ctx: { verb } }))
})

/** The one place that lets owners of the installation through. Before anything is looked up: all others are told the same. */
const oversee = t.middleware(async ({ ctx, meta, type, next }) => {
  const { deps, requestId } = ctx
  const operator = await personOf(ctx, type, meta)
  if (!(await deps.isOperator(operator.userId)))
    throw new AppError('forbidden', { message: 'This is for those who run this server.' })
  const verb: OperatorContext = { deps, operator, requestId }
  return told(deps, type, [operator.userId], await next({ ctx: { verb } }))
})

const admitAnybody = t.middleware(async ({ ctx: { deps, requestId, limits }, meta, type, next }) => {
  await limits.charge(null, chargesOf(type, meta).before)
  const verb: OpenContext = { deps, requestId }
  return told(deps, type, [], await next({ ctx: { verb } }))
})

const forMembers = (needs: Permission | typeof SIGNED_IN) =>
  t.procedure.meta({ can: needs }).use(mapErrors).use(allowed)
const forPeople = () => t.procedure.meta({ can: PERSON }).use(mapErrors).use(identify)
const forOperators = () => t.procedure.meta({ can: OPERATOR }).use(mapErrors).use(oversee)
const forAnybody = () => t.procedure.meta({ can: PUBLIC }).use(mapErrors).use(admitAnybody)

export const router = t.router
export const createCallerFactory = t.createCallerFactory

/** A procedure with what it needs; there is no other way to make one. */
export function procedure(needs: typeof PUBLIC): ReturnType<typeof forAnybody>
export function procedure(needs: typeof PERSON): ReturnType<typeof forPeople>
export function procedure(needs: typeof OPERATOR): ReturnType<typeof forOperators>
export function procedure(needs: Permission | typeof SIGNED_IN): ReturnType<typeof forMembers>
export function procedure(needs: NonNullable<ApiMeta['can']>) {
  if (needs === PUBLIC) return forAnybody()
  if (needs === PERSON) return forPeople()
  return needs === OPERATOR ? forOperators() : forMembers(needs)
}
