import { describeCrowdedSearch } from './testing/crowded-suite.ts'

describeCrowdedSearch(100_000, { throughAll: false })
