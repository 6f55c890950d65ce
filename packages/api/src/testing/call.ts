import { randomUUID } from 'node:crypto'
import type { Actor } from '@quarry/contracts'
import type { WebCore } from '@quarry/core/web'
import { appRouter, createCaller, errorShape, toAppError } from '../index.ts'

export interface Procedure {
  readonly path: string
  readonly type: 'query' | 'mutation' | 'subscription'
  readonly can: string | undefined
  readonly takesInput: boolean
}

/** Every procedure that the router has, whatever anybody wrote down about it. */
export const procedures = (): Procedure[] =>
  Object.entries(appRouter._def.procedures).map(([path, { _def }]) => ({
    path,
    type: _def.type,
    can: _def.meta?.can,
    takesInput: _def.inputs.length > 0,
  }))

export type Outcome =
  | { readonly ok: true; readonly output: unknown }
  /** What the caller sees, without the request's id, which is different each time. */
  | { readonly ok: false; readonly status: number; readonly body: object }

/**
 * Calls a procedure as `actor`, without HTTP. Of a subscription the events until its end are the output; `meanwhile`
 * runs when it is open, and the first event then ends one that has no end of its own.
 */
export const call = async (
  core: WebCore,
  actor: Actor | null,
  path: string,
  input: unknown,
  meanwhile?: () => Promise<unknown>,
): Promise<Outcome> => {
  const controller = new AbortController()
  const context = { deps: core.deps, requestId: randomUUID(), resolveActor: () => Promise.resolve(actor) }
  try {
    const caller = createCaller(context, { signal: controller.signal })
    const procedure = path.split('.').reduce<unknown>((at, name) => Reflect.get(Object(at), name), caller)
    if (typeof procedure !== 'function') throw new TypeError(`${path} is no procedure`)
    const result: unknown = await Reflect.apply(procedure, undefined, [input])
    if (!isStream(result)) return { ok: true, output: result }
    return { ok: true, output: await readStream(result, meanwhile) }
  } catch (error) {
    const appError = toAppError(error)
    const { requestId: _, ...body } = errorShape(appError, '')
    return { ok: false, status: appError.http, body }
  } finally {
    controller.abort()
  }
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

const readStream = async (stream: AsyncIterable<unknown>, meanwhile?: () => Promise<unknown>): Promise<unknown[]> => {
  const iterator = stream[Symbol.asyncIterator]()
  const first = iterator.next()
  if (meanwhile) {
    await Promise.all([meanwhile(), first])
    return [(await first).value]
  }
  const events: unknown[] = []
  for (let next = await first; !next.done; next = await iterator.next()) events.push(next.value)
  return events
}
