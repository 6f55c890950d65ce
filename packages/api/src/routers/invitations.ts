import {
  acceptInvitationOutput,
  createInvitationInput,
  createInvitationOutput,
  invitation,
  invitationPreview,
  invitationTokenInput,
  revokeInvitationInput,
} from '@quarry/contracts'
import { acceptInvitation, createInvitation, listInvitations, previewInvitation, revokeInvitation } from '@quarry/core'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

export const invitationsRouter = router({
  list: procedure('members.manage')
    .meta({ statements: 1 })
    .output(z.array(invitation))
    .query(({ ctx }) => listInvitations(ctx.verb)),
  create: procedure('members.manage')
    .meta({ statements: 12 })
    .input(createInvitationInput)
    .output(createInvitationOutput)
    .mutation(({ ctx, input }) => createInvitation(ctx.verb, input)),
  revoke: procedure('members.manage')
    .meta({ statements: 8 })
    .input(revokeInvitationInput)
    .mutation(({ ctx, input }) => revokeInvitation(ctx.verb, input)),
  preview: procedure('public')
    .meta({ statements: 4 })
    .input(invitationTokenInput)
    .output(invitationPreview)
    .query(({ ctx, input }) => ctx.limitGuesses(() => previewInvitation(ctx.verb, input))),
  accept: procedure('person')
    .meta({ statements: 17 })
    .input(invitationTokenInput)
    .output(acceptInvitationOutput)
    .mutation(async ({ ctx, input }) => {
      const accepted = await ctx.limitGuesses(() => acceptInvitation(ctx.verb, input))
      ctx.actorChanged()
      return accepted
    }),
})
