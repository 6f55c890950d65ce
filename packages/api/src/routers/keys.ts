import { apiKey, createKeyInput, createKeyOutput, revokeKeyInput } from '@quarry/contracts'
import { createKey, listKeys, revokeKey } from '@quarry/core'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

export const keysRouter = router({
  list: procedure('keys.manage')
    .meta({ statements: 3 })
    .output(z.array(apiKey))
    .query(({ ctx }) => listKeys(ctx.verb)),
  create: procedure('keys.manage')
    .meta({ statements: 9 })
    .input(createKeyInput)
    .output(createKeyOutput)
    .mutation(({ ctx, input }) => createKey(ctx.verb, input)),
  revoke: procedure('keys.manage')
    .meta({ statements: 11 })
    .input(revokeKeyInput)
    .mutation(({ ctx, input }) => revokeKey(ctx.verb, input)),
})
