import type { AppRouter } from '@quarry/api'
import { TRPCClientError, type TRPCLink } from '@trpc/client'
import { observable } from '@trpc/server/observable'
import { appErrorOf } from './api-error.ts'
import type { Pauses } from './pauses.ts'
import { waitBeforeRetry } from './retry-policy.ts'

/**
 * Holds back a call that the server has refused for now, for as long as it says, and makes it again. A call that nobody
 * waits for any more is not made.
 */
export const pauseLink =
  (pauses: Pauses): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) =>
    observable((observer) => {
      let waitedMs = 0
      let leavePause = () => {}
      let leaveCall = () => {}
      let ended = false
      const end = () => {
        ended = true
        leavePause()
        leaveCall()
        op.signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        end()
        observer.error(
          TRPCClientError.from(op.signal?.reason instanceof Error ? op.signal.reason : new Error('aborted')),
        )
      }
      const attempt = () => {
        const subscription = next(op).subscribe({
          next: (envelope) => observer.next(envelope),
          complete: () => observer.complete(),
          error: (error) => {
            const app = appErrorOf(error)
            const waitMs = app && waitBeforeRetry(app, { type: op.type, path: op.path, waitedMs })
            if (app === null || waitMs === null || ended) {
              observer.error(error)
              return
            }
            waitedMs += waitMs
            leavePause = pauses.wait(app.message, waitMs, attempt)
          },
        })
        leaveCall = () => subscription.unsubscribe()
      }
      op.signal?.addEventListener('abort', abort, { once: true })
      attempt()
      return end
    })
