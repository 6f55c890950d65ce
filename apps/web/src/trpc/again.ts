import type { Mutation } from '@tanstack/react-query'
import { appErrorOf } from './api-error.ts'

/** How to do again what a limit refused, by the error that says so. */
const again = new WeakMap<object, () => Promise<void>>()

/** A change that a limit refused has not happened, so that it may be offered again whatever it does. */
export const rememberAgain = <V>(thrown: unknown, mutation: Mutation<unknown, unknown, V>, variables: V): void => {
  if (!(thrown instanceof Error) || appErrorOf(thrown)?.code !== 'rate_limited') return
  again.set(thrown, async () => {
    try {
      await mutation.execute(variables)
    } catch {
      // Its own handlers have been told, as the first time.
    }
  })
}

/** What does it again; undefined where that is not known to be safe. */
export const againOf = (thrown: unknown): (() => Promise<void>) | undefined =>
  thrown instanceof Error ? again.get(thrown) : undefined
