import { renameOrganisationInput, switchOrganisationInput } from '@quarry/contracts'
import { renameOrganisation, switchOrganisation } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const organisationRouter = router({
  rename: procedure('organisation.manage')
    .meta({ statements: 8 })
    .input(renameOrganisationInput)
    .mutation(({ ctx, input }) => renameOrganisation(ctx.verb, input)),
  switch: procedure('person')
    .meta({ statements: 9 })
    .input(switchOrganisationInput)
    .mutation(async ({ ctx, input }) => {
      const switched = await switchOrganisation(ctx.verb, input)
      ctx.actorChanged()
      return switched
    }),
})
