import { changeRoleInput, member, removeMemberInput } from '@quarry/contracts'
import { changeRole, leaveOrganisation, listMembers, removeMember } from '@quarry/core'
import { z } from 'zod'
import { procedure, router } from '../trpc.ts'

export const membersRouter = router({
  list: procedure('members.read')
    .meta({ statements: 1 })
    .output(z.array(member))
    .query(({ ctx }) => listMembers(ctx.verb)),
  changeRole: procedure('members.manage')
    .meta({ statements: 12 })
    .input(changeRoleInput)
    .mutation(({ ctx, input }) => changeRole(ctx.verb, input)),
  remove: procedure('members.manage')
    .meta({ statements: 16 })
    .input(removeMemberInput)
    .mutation(({ ctx, input }) => removeMember(ctx.verb, input)),
  leave: procedure('signedIn')
    .meta({ statements: 16 })
    .mutation(async ({ ctx }) => {
      const left = await leaveOrganisation(ctx.verb)
      ctx.actorChanged()
      return left
    }),
})
