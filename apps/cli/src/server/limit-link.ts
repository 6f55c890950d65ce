import type { AppRouter } from '@quarry/api'
import type { TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { appErrorOf, retryAfterMs } from './errors.ts'
import type { Patience } from './patience.ts'

/**
 * Makes a call again that a limit has refused, after as long as the server says. Any call: what was refused by a limit
 * has not happened.
 */
export const limitLink =
  (patience: Patience): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      let waitedMs = 0
      let leave = () => {}
      let left = false
      const attempt = () => {
        const subscription = next(op).subscribe({
          next: (envelope) => observer.next(envelope),
          complete: () => observer.complete(),
          error: (failure) => {
            const app = appErrorOf(failure)
            if (app?.code !== 'rate_limited' || left) observer.error(failure)
            else void again(app.message, retryAfterMs(app), failure)
          },
        })
        leave = () => subscription.unsubscribe()
      }
      const again = async (reason: string, ms: number, failure: Parameters<typeof observer.error>[0]) => {
        // Ends early only with the command.
        const goOn = await patience.wait(reason, ms, waitedMs).catch(() => false)
        waitedMs += ms
        if (goOn && !left) attempt()
        else observer.error(failure)
      }
      attempt()
      return () => {
        left = true
        leave()
      }
    })
