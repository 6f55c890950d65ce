import {
  deleteOrganisationInput,
  deleteOrganisationOutput,
  renameOrganisationInput,
  restoreOrganisationInput,
  switchOrganisationInput,
  usageList,
} from '@quarry/contracts'
import {
  deleteOrganisation,
  listUsage,
  renameOrganisation,
  restoreOrganisation,
  switchOrganisation,
} from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const organisationRouter = router({
  rename: procedure('organisation.manage')
    .meta({ statements: 8 })
    .input(renameOrganisationInput)
    .mutation(({ ctx, input }) => renameOrganisation(ctx.verb, input)),
  /** From its answer on nobody calls anything in it any more. */
  delete: procedure('organisation.manage')
    .meta({ statements: 20 })
    .input(deleteOrganisationInput)
    .output(deleteOrganisationOutput)
    .mutation(({ ctx, input }) => deleteOrganisation(ctx.verb, input)),
  restore: procedure('person')
    .meta({ statements: 20 })
    .input(restoreOrganisationInput)
    .mutation(({ ctx, input }) => restoreOrganisation(ctx.verb, input)),
  usage: procedure('usage.read')
    .meta({ statements: 3 })
    .output(usageList)
    .query(({ ctx }) => listUsage(ctx.verb)),
  switch: procedure('person')
    .meta({ statements: 9 })
    .input(switchOrganisationInput)
    .mutation(async ({ ctx, input }) => {
      const switched = await switchOrganisation(ctx.verb, input)
      ctx.actorChanged()
      return switched
    }),
})
