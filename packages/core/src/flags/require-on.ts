import type { FlagName } from '@quarry/cache'
import { AppError } from '@quarry/contracts'
import type { VerbContext } from '../context.ts'

/** What people are told while the operator has switched something off. The other switches refuse nobody. */
const REFUSALS = {
  'chat.answers': {
    message: 'Questions are not answered at the moment: the operator of this server has paused it.',
    action: 'What is there can be read and searched. Try again later, or ask who runs this server.',
  },
  'documents.uploads': {
    message: 'Files are not taken at the moment: the operator of this server has paused it.',
    action: 'What is there can be read and searched. Try again later, or ask who runs this server.',
  },
} as const satisfies Partial<Record<FlagName, { readonly message: string; readonly action: string }>>

/** Somebody has to switch it on again: nobody gains by asking more often. */
const TRY_AGAIN_SECONDS = 60

/** Throws AppError('unavailable') with `details.switchedOff` while the flag is off for the caller's organisation. */
export const requireOn = async (ctx: VerbContext, flag: keyof typeof REFUSALS): Promise<void> => {
  if (await ctx.deps.flags.isOn(flag, ctx.actor.orgId)) return
  throw new AppError('unavailable', {
    ...REFUSALS[flag],
    details: { switchedOff: flag, retryAfterSeconds: TRY_AGAIN_SECONDS },
  })
}
