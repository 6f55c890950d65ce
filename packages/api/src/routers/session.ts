import { me } from '@quarry/contracts'
import { describeMe } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const sessionRouter = router({
  me: procedure('signedIn')
    .meta({ statements: 3, cache: { ttl: 'profile', scope: 'actor', tags: ['permission', 'access'] } })
    .output(me)
    .query(({ ctx }) => describeMe(ctx.verb)),
})
