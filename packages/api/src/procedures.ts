import { appRouter } from './router.ts'
import type { ApiMeta } from './trpc.ts'

/** What is known of a procedure without calling it. */
interface Definition {
  /** `query`, `mutation` or `subscription`. */
  readonly type?: unknown
  readonly meta?: ApiMeta
}

const definitionOf = (procedure: unknown): Definition => {
  const definition: unknown = typeof procedure === 'function' ? Reflect.get(procedure, '_def') : null
  return typeof definition === 'object' && definition !== null ? definition : {}
}

/** Every procedure of the API, by path. */
export const PROCEDURES: ReadonlyMap<string, Definition> = new Map(
  // oxlint-disable-next-line no-underscore-dangle -- where tRPC keeps what a router is made of
  Object.entries<unknown>(appRouter._def.procedures).map(([path, procedure]) => [path, definitionOf(procedure)]),
)
