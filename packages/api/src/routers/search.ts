import { searchInput } from '@quarry/contracts'
import { querySearch, searchFacetsOf } from '@quarry/core'
import { COSTS } from '../limits/costs.ts'
import { procedure, router } from '../trpc.ts'

export const searchRouter = router({
  query: procedure('search.use')
    .meta({
      statements: 9,
      cost: COSTS.search,
      cache: {
        ttl: 'search',
        scope: 'visibility',
        tags: ['permission', 'index'],
        // Versions say what is true; a half of its own time more spares whoever comes first after half an hour the wait.
        staleSeconds: 900,
        flags: ['search.semantic'],
      },
    })
    .input(searchInput)
    .query(({ ctx, input }) => querySearch(ctx.verb, input)),
  facets: procedure('search.use')
    .meta({ statements: 2, cache: { ttl: 'lists', scope: 'visibility', tags: ['permission', 'documents'] } })
    .query(({ ctx }) => searchFacetsOf(ctx.verb)),
})
