import { apiKey, createKeyInput, createKeyOutput, revokeKeyInput } from '@quarry/contracts'
import { createKey, listKeys, revokeKey } from '@quarry/core'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

export const keysRouter = router({
  list: procedure('keys.manage')
    .output(z.array(apiKey))
    .query(({ ctx }) => listKeys(ctx.verb)),
  create: procedure('keys.manage')
    .input(createKeyInput)
    .output(createKeyOutput)
    .mutation(({ ctx, input }) => createKey(ctx.verb, input)),
  revoke: procedure('keys.manage')
    .input(revokeKeyInput)
    .mutation(({ ctx, input }) => revokeKey(ctx.verb, input)),
})
