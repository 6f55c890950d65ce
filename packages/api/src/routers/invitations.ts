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
    .output(z.array(invitation))
    .query(({ ctx }) => listInvitations(ctx.verb)),
  create: procedure('members.manage')
    .input(createInvitationInput)
    .output(createInvitationOutput)
    .mutation(({ ctx, input }) => createInvitation(ctx.verb, input)),
  revoke: procedure('members.manage')
    .input(revokeInvitationInput)
    .mutation(({ ctx, input }) => revokeInvitation(ctx.verb, input)),
  preview: procedure('public')
    .input(invitationTokenInput)
    .output(invitationPreview)
    .query(({ ctx, input }) => ctx.limitGuesses(() => previewInvitation(ctx.verb, input))),
  accept: procedure('person')
    .input(invitationTokenInput)
    .output(acceptInvitationOutput)
    .mutation(async ({ ctx, input }) => {
      const accepted = await ctx.limitGuesses(() => acceptInvitation(ctx.verb, input))
      ctx.actorChanged()
      return accepted
    }),
})
