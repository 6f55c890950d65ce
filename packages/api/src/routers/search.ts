import { searchInput } from '@quarry/contracts'
import { querySearch, searchFacetsOf } from '@quarry/core'
import { procedure, router } from '../trpc.ts'

export const searchRouter = router({
  query: procedure('search.use')
    .input(searchInput)
    .query(({ ctx, input }) => querySearch(ctx.verb, input)),
  facets: procedure('search.use').query(({ ctx }) => searchFacetsOf(ctx.verb)),
})
