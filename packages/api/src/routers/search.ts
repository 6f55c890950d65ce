import { searchInput } from '@quarry/contracts'
import { querySearch, searchFacetsOf } from '@quarry/core'
import { COSTS } from '../limits/costs.ts'
import { procedure, router } from '../trpc.ts'

export const searchRouter = router({
  query: procedure('search.use')
    .meta({ statements: 9, cost: COSTS.search })
    .input(searchInput)
    .query(({ ctx, input }) => querySearch(ctx.verb, input)),
  facets: procedure('search.use')
    .meta({ statements: 2 })
    .query(({ ctx }) => searchFacetsOf(ctx.verb)),
})
