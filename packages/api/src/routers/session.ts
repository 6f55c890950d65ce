import { closedWorkspaces, me } from '@quarry/contracts'
import { describeMe, listClosedWorkspaces } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const sessionRouter = router({
  me: procedure('signedIn')
    // All that it shows is the caller's own: a new collection or another one's grant is nothing to it.
    .meta({ statements: 3, cache: { ttl: 'profile', scope: 'actor', tags: ['access'] } })
    .output(me)
    .query(({ ctx }) => describeMe(ctx.verb)),
  /** For who is shut out by `closed`: why, and where they can go on. */
  closedWorkspaces: procedure('person')
    .meta({ statements: 2 })
    .output(closedWorkspaces)
    .query(({ ctx }) => listClosedWorkspaces(ctx.verb)),
})
