import { me } from '@quarry/contracts'
import { describeMe } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const sessionRouter = router({
  me: procedure('signedIn')
    .meta({ statements: 3 })
    .output(me)
    .query(({ ctx }) => describeMe(ctx.verb)),
})
